// Sends the form to the service, which answers with a cookie that no script reads, and goes on.

const form = document.getElementById("form");
const alertBox = document.getElementById("alert");
const submit = form.querySelector("button");

// The language that was asked for here, by a link, is the console's too.
const asked = new URLSearchParams(location.search).get("lang");
try {
  if (asked) localStorage.setItem("smartzone.language", asked);
} catch {
  // The browser stores nothing: the console speaks the browser's language.
}

function tell(text) {
  alertBox.textContent = text;
  alertBox.hidden = false;
}

async function signIn() {
  submit.disabled = true;
  alertBox.hidden = true;
  try {
    const answer = await fetch("/auth/session", {
      method: "POST",
      headers: { "X-Smartzone": "1" },
      body: new URLSearchParams(new FormData(form)),
    });
    if (answer.ok) {
      location.replace(form.dataset.then);
      return;
    }
    const seconds = Number(answer.headers.get("Retry-After") ?? 60);
    if (answer.status === 429) tell(alertBox.dataset.wait.replace("{minutes}", Math.ceil(seconds / 60)));
    else if (answer.status === 401) tell(alertBox.dataset.refused);
    else tell(alertBox.dataset.failed);
  } catch {
    tell(alertBox.dataset.failed);
  }
  submit.disabled = false;
  form.elements.password.select();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  signIn();
});

for (const button of document.querySelectorAll("[data-account]")) {
  button.addEventListener("click", () => {
    form.elements.username.value = button.dataset.account;
    form.elements.password.value = button.dataset.password;
    signIn();
  });
}
