// How the page talks to the service: below the zone of its own path, and as who signed in.

export const BASE = location.pathname.slice(0, Math.max(0, location.pathname.lastIndexOf("/console")));

// A session that ended leads to the sign-in, and from there back.
export async function ask(path, options = {}) {
  const answer = await fetch(path, options);
  if (answer.status === 401 && !sessionStorage.getItem("smartzone.asked")) {
    // The answer took the cookie away: what comes next is asked as nobody, or told as a failure.
    sessionStorage.setItem("smartzone.asked", "1");
    const query = { ended: 1, lang: document.documentElement.lang, next: location.pathname };
    location.replace(`/sign-in?${new URLSearchParams(query)}`);
  }
  return answer;
}

export async function readJson(path) {
  const answer = await ask(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

// Asks for a change: a header that no page of another service can send goes along.
export function change(method, path, content = null) {
  const headers = { "X-Smartzone": "1" };
  if (content === null) return ask(path, { method, headers });
  return ask(path, { method, headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(content) });
}

export async function signOut() {
  const answer = await change("DELETE", "/auth/session");
  // Who signed in at a provider signs out there too, or the next at this desk is let in by it.
  if (answer.headers.has("Link")) location.assign("/auth/oidc/end");
  else location.reload();
}
