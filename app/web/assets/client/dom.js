/** Builds elements. Texts become text nodes, never HTML, so that nothing a person typed can act. */

/** An element with these attributes, where `onclick` and the like are listeners, and these children. */
export function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** The same for drawings: an SVG element. */
export function drawn(name, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function filled(built, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      built.addEventListener(key.replace(/^on/, ""), value);
    } else if (value === true) {
      built.setAttribute(key, "");
    } else if (value !== false && value !== null && value !== undefined) {
      built.setAttribute(key, value);
    }
  }
  built.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return built;
}

/**
 * Puts these children in place of those that an element has. The focus is never lost by it: it goes to the new
 * one with the same `data-focus`, or else to `otherwise`, the page's name.
 */
export function redraw(root, children, otherwise = byId("title")) {
  const focused = root.contains(document.activeElement) ? document.activeElement : null;
  root.replaceChildren(...[children].flat(Infinity).filter(Boolean));
  if (focused && !root.contains(focused)) {
    const key = focused.dataset.focus;
    const again = key && root.querySelector(`[data-focus="${CSS.escape(key)}"]`);
    (again || otherwise)?.focus({ preventScroll: true });
  }
}

export function byId(id) {
  return document.getElementById(id);
}
