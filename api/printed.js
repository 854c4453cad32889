"use strict";
const root = document.documentElement;
const buttons = document.querySelectorAll("nav button[value]");
function speak(language) {
  root.lang = language;
  for (const button of buttons) button.setAttribute("aria-pressed", String(button.value === language));
}
for (const button of buttons) button.addEventListener("click", () => speak(button.value));
document.getElementById("print").addEventListener("click", () => window.print());
speak(root.lang);
