// Numbers as people type them: a decimal comma becomes a point, and a separator in a whole number is refused in words.
// The browser itself drops a comma from a number field, so that 0,001 would silently become 1.

const WHOLE = "Type a whole number without separators.";
const COMMA = ",";
const SEPARATORS = /[.,]/;

let listening = false; // once a page, however often it is drawn

export default function () {
  if (listening) return;
  listening = true;
  document.addEventListener("beforeinput", meet, true);
}

function meet(event) {
  const field = event.target;
  if (!(field instanceof HTMLInputElement) || field.type !== "number") return;
  field.setCustomValidity("");
  const typed = event.data ?? event.dataTransfer?.getData("text/plain") ?? "";
  if (!(isWhole(field) ? SEPARATORS.test(typed) : typed.includes(COMMA))) return;
  event.preventDefault();
  if (isWhole(field) || typed.split(COMMA).length > 2 || typed.includes(".")) {
    field.setCustomValidity(isWhole(field) ? WHOLE : "Type a number with one decimal point or comma.");
    field.reportValidity();
    return;
  }
  document.execCommand("insertText", false, typed.replace(COMMA, ".").trim());
}

function isWhole(field) {
  return Number.isInteger(Number(field.step)) && Number(field.step) > 0 && Number.isInteger(Number(field.min || 0));
}
