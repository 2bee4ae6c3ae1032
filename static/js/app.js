/* Entry. Every feature degrades to plain links and forms; nothing here is needed to work. */
import { startKeys } from "./keys.js";
import { startLists } from "./lists.js";
import { startTheme } from "./theme.js";
import "./x-command.js";
import "./x-live.js";
import { toast, word } from "./x-toast.js";

startKeys();
startLists();
startTheme();

const rarely = { "x-table": "./x-table.js", "[data-chart]": "./x-read.js", "form[data-draft]": "./draft.js", "[data-passkey]": "./passkey.js" };
const loaders = {
  "./x-table.js": () => import("./x-table.js"),
  "./x-read.js": () => import("./x-read.js"),
  "./draft.js": () => import("./draft.js"),
  "./passkey.js": () => import("./passkey.js"),
};
for (const [selector, path] of Object.entries(rarely)) {
  if (document.querySelector(selector)) loaders[path]().then((module) => module.start?.({ toast, word }));
}

/* The summary of a refused form takes the focus, also after a swap. */
const focusSummary = (root) => root.querySelector?.("[data-focus]")?.focus();
focusSummary(document);
document.addEventListener("htmx:after:swap", (event) => focusSummary(event.target));
document.addEventListener("htmx:error", () => toast(word("offline"), { tone: "error" }));

document.addEventListener("click", async (event) => {
  const copy = event.target.closest?.("[data-copy]");
  if (copy) {
    await navigator.clipboard.writeText(copy.dataset.copy);
    toast(word("copied"));
  }
  if (event.target.closest?.("[data-print]")) print();
});

/* A button that waits for the server cannot be pressed twice. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "dialog") return;
  if (form.dataset.sent) return event.preventDefault();
  if (form.method !== "post") return;
  form.dataset.sent = "1";
  event.submitter?.setAttribute("aria-busy", "true");
  setTimeout(() => settle(form), 8000);
});
function settle(form) {
  delete form.dataset.sent;
  form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
}
document.addEventListener("htmx:finally:request", (event) => {
  const form = event.target.closest?.("form");
  if (form) settle(form);
});
addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-sent]").forEach(settle);
});
