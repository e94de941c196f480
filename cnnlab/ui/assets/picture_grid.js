// Lays out pictures of equal size with up to two facts each, and reports which one was opened.

const shown = new WeakMap(); // list -> its content as JSON

export default function ({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector("ul");
  const content = JSON.stringify(data);
  if (shown.get(list) === content) return; // rebuilding it would lose the keyboard focus
  const focused = [...list.children].findIndex((entry) => entry.contains(parentElement.activeElement));
  shown.set(list, content);
  list.style.setProperty("--side", `${data.side}px`);
  list.replaceChildren(...data.tiles.map((tile) => item(tile, data.openable, setTriggerValue)));
  if (focused >= 0) list.children[focused]?.querySelector("button")?.focus();
}

function item(tile, openable, setTriggerValue) {
  const frame = document.createElement(openable ? "button" : "div");
  frame.className = tile.marked ? "frame marked" : "frame";
  if (openable) {
    frame.type = "button";
    frame.onclick = () => setTriggerValue("open", tile.id);
  }
  const image = document.createElement("img");
  image.src = tile.source;
  image.alt = tile.alt;
  image.decoding = "async";
  const facts = tile.facts.map((fact) => {
    const line = document.createElement("span");
    line.textContent = line.title = fact;
    return line;
  });
  frame.append(image, ...facts);
  const entry = document.createElement("li");
  entry.append(frame);
  return entry;
}
