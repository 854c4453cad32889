// Sends the form to the service, which changes the password and answers with a new cookie.

const form = document.getElementById("form");
const alertBox = document.getElementById("alert");
const done = document.getElementById("done");
const submit = form.querySelector("button");

const REASONS = { 401: "ended", 403: "wrong", 422: "weak" };

function tell(text) {
  alertBox.textContent = text;
  alertBox.hidden = false;
}

async function change() {
  const answer = await fetch("/auth/password", {
    method: "POST",
    headers: { "X-Smartzone": "1" },
    body: new URLSearchParams(new FormData(form)),
  });
  if (answer.ok) {
    form.reset();
    done.hidden = false;
    return;
  }
  const seconds = Number(answer.headers.get("Retry-After") ?? 60);
  if (answer.status === 429) tell(alertBox.dataset.wait.replace("{minutes}", Math.ceil(seconds / 60)));
  else tell(alertBox.dataset[REASONS[answer.status] ?? "failed"]);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  alertBox.hidden = done.hidden = true;
  if (form.elements.new_password.value !== document.getElementById("again").value) {
    tell(alertBox.dataset.differ);
    return;
  }
  submit.disabled = true;
  try {
    await change();
  } catch {
    tell(alertBox.dataset.failed);
  }
  submit.disabled = false;
});
