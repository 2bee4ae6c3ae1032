/* Shortcuts. Single keys are off inside fields and when the profile says so (WCAG 2.1.4). */
const $ = (selector, root = document) => root.querySelector(selector);
const typing = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";
let lead = "";
let leadTimer;

const goTo = (key) => $(`[data-go-key="${key}"]`)?.click();
const press = (selector) => {
  const target = $(selector);
  target?.click();
  return Boolean(target);
};

function modified(event) {
  const key = event.key.toLowerCase();
  if (key === "k") { event.preventDefault(); $("x-command")?.open(); }
  if (key === "enter" && press("[data-main]:not([aria-disabled])")) event.preventDefault();
  if (key === "s" && $("form[data-draft]")) { event.preventDefault(); $("form[data-draft]").requestSubmit(); }
}

function onTable(table, event) {
  const moves = {
    j: () => table.move(1),
    k: () => table.move(-1),
    x: () => table.toggle(event.shiftKey),
    o: () => table.open(),
    e: () => table.edit(),
    Escape: () => table.clear(),
  };
  moves[event.key.length === 1 ? event.key.toLowerCase() : event.key]?.();
}

function single(event) {
  const key = event.key;
  if (lead === "g") { lead = ""; goTo(key); return; }
  if (key === "g") {
    lead = "g";
    clearTimeout(leadTimer);
    leadTimer = setTimeout(() => { lead = ""; }, 900);
    return;
  }
  if (key === "/") {
    event.preventDefault();
    const box = $("[data-find]");
    if (box) box.focus(); else $("x-command")?.open();
  }
  if (key === "?") $("#shortcuts")?.showModal();
  if (key === "[") press('[rel="prev"]');
  if (key === "]") press('[rel="next"]');
  const table = $("x-table");
  if (table?.move) onTable(table, event);
}

export function startKeys() {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey) { modified(event); return; }
    if (event.altKey || !("shortcuts" in document.body.dataset)) return;
    if ($("dialog[open]") || event.target.closest?.(typing)) return;
    single(event);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-show-keys]")) $("#shortcuts")?.showModal();
  });
}
