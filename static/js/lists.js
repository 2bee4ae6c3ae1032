/* Lists: a filter, a tab, a sort or a page swaps the list alone. Each is a plain link or form first. */
const list = () => document.getElementById("list");

function isHere(address) {
  const url = new URL(address, location.href);
  return url.origin === location.origin && url.pathname === location.pathname && !url.hash;
}

async function swap(source, path, event) {
  const old = list();
  const menu = (event.submitter ?? source).closest("[popover]")?.id;
  const show = source.closest(".pager") ? " show:top" : "";
  old.setAttribute("aria-busy", "true");
  await htmx.ajax("GET", path, { source, event, target: old, select: "#list", swap: `outerHTML${show}`, push: "true" });
  old.removeAttribute("aria-busy");
  if (old.isConnected) return;
  keepFocus(menu);
  document.getElementById("told").textContent = document.title;
}

/* What has an id keeps the focus by itself; what is gone hands it to its menu's button or the list. */
function keepFocus(menu) {
  const now = document.activeElement;
  if (now && now !== document.body) return;
  const next = (menu && document.querySelector(`[popovertarget="${CSS.escape(menu)}"]`)) || list();
  next?.focus({ preventScroll: true });
}

/* Another page's answer (signed out, moved on, an error) is opened whole. */
function openWhole(event) {
  const { target, request, response } = event.detail.ctx;
  if (target?.id !== "list" || (response.raw.ok && !response.raw.redirected)) return;
  event.preventDefault();
  location.assign(response.raw.redirected ? response.raw.url : request.action);
}

function followAddress() {
  for (const field of document.querySelectorAll("form[data-preference] [name=next]")) {
    field.value = location.pathname + location.search;
  }
}

export function startLists() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("#list a[href]");
    if (!link || event.defaultPrevented || event.button || !globalThis.htmx) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (link.target || link.hasAttribute("download") || !isHere(link.href)) return;
    event.preventDefault();
    swap(link, link.href, event);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches?.("#list form") || form.method !== "get" || !globalThis.htmx) return;
    if (event.defaultPrevented || !isHere(form.action)) return;
    event.preventDefault();
    swap(form, location.pathname, event);
  });
  document.addEventListener("htmx:before:response", openWhole);
  document.addEventListener("htmx:after:swap", followAddress);
}
