// Lays out pictures of equal size with up to two facts each; tells which one was opened. It knows no data set.

export default function ({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector("ul");
  list.style.setProperty("--side", `${data.side}px`);
  list.replaceChildren(...data.tiles.map((tile) => item(tile, data.openable, setTriggerValue)));
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
