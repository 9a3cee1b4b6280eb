/** Builds elements. Texts become text nodes, never HTML, so that nothing a person typed can act. */

/** An element with these attributes, where `onclick` and the like are listeners, and these children. */
export function element(name, attributes = {}, ...children) {
  const built = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      built.addEventListener(key.replace(/^on/, ""), value);
    } else if (value === true) {
      built.setAttribute(key, "");
    } else if (value !== false && value !== null && value !== undefined) {
      built.setAttribute(key, value);
    }
  }
  built.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return built;
}

export function byId(id) {
  return document.getElementById(id);
}
