// How the page talks to the service: below the zone of its own path, and as who signed in.

export const BASE = location.pathname.slice(0, Math.max(0, location.pathname.lastIndexOf("/console")));

// A session that ended is told to a page, which leads on to the sign-in.
export async function ask(path, options = {}) {
  const answer = await fetch(path, options);
  if (answer.status === 401 && !sessionStorage.getItem("smartzone.asked")) {
    // The answer took the cookie away: what comes next is asked as nobody, or told as a failure.
    sessionStorage.setItem("smartzone.asked", "1");
    location.reload();
  }
  return answer;
}

export async function readJson(path) {
  const answer = await ask(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

export async function signOut() {
  await fetch("/auth/session", { method: "DELETE", headers: { "X-Smartzone": "1" } });
  location.reload();
}
