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

export function byId(id) {
  return document.getElementById(id);
}
