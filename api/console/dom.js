// Elements of the page, built without markup strings, so that data can never become markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

export function element(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

export function svgElement(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

// Draws a part of the page anew without dropping the keyboard's place in it.
export function keepFocus(section, draw) {
  const reached = () => [...section.querySelectorAll("a, button, input")];
  const place = reached().indexOf(document.activeElement);
  draw();
  if (place >= 0) reached()[place]?.focus({ preventScroll: true });
}
