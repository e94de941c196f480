// Turns a decimal comma into a point, and rejects separators in whole numbers with a message. On its own, the browser
// drops commas from number fields, so that 0,001 would silently become 1. A comma before exactly three digits may also
// group thousands, so 1,000 is rejected as ambiguous; 0,001 and 1,0005 are clear.

const WHOLE = "Type a whole number without separators.";
const COMMA = ",";
const SEPARATORS = /[.,]/;
const GROUPED = /^-?[1-9]\d{0,2}[.,]\d{3}$/;

let listening = false; // once per page, however often it is rendered
let before = ""; // the value of the field when it got the focus
let hasComma = false; // whether its decimal point was typed as a comma

export default function () {
  if (listening) return;
  listening = true;
  document.addEventListener("focusin", enter, true);
  document.addEventListener("beforeinput", check, true);
  document.addEventListener("input", warn); // after React, which would restore the old text if this ran first
  document.addEventListener("keydown", commit, true);
  document.addEventListener("focusout", leave, true);
  document.addEventListener("invalid", show, true);
}

function enter(event) {
  if (!isNumber(event.target) || isAmbiguous(event.target)) return;
  before = event.target.value;
  hasComma = false;
}

function check(event) {
  const field = event.target;
  if (!isNumber(field)) return;
  field.setCustomValidity("");
  const typed = event.data ?? event.dataTransfer?.getData("text/plain") ?? "";
  if (typed.includes(".")) hasComma = false;
  if (!(isWhole(field) ? SEPARATORS.test(typed) : typed.includes(COMMA))) return;
  event.preventDefault();
  if (isWhole(field)) return refuse(field, WHOLE);
  if (typed.split(COMMA).length > 2 || typed.includes(".")) {
    return refuse(field, "Type a number with one decimal point or comma.");
  }
  if (GROUPED.test(typed.trim())) return refuse(field, twoWays(typed.trim()));
  document.execCommand("insertText", false, typed.replace(COMMA, ".").trim());
  hasComma = true; // last, because the inserted point also passes through this handler
}

// Only a message, since a fourth digit would resolve the ambiguity; the value itself is not committed yet.
function warn(event) {
  if (isNumber(event.target) && isAmbiguous(event.target)) refuse(event.target, twoWays(event.target.value));
}

function commit(event) {
  if (event.key !== "Enter" || !isNumber(event.target)) return;
  if (isAmbiguous(event.target)) {
    event.stopImmediatePropagation();
    event.preventDefault();
    refuse(event.target, twoWays(event.target.value));
  } else {
    before = event.target.value;
    hasComma = false;
  }
}

// Streamlit commits the value of a field when it loses focus, so an ambiguous one is reset to the value before.
function leave(event) {
  const field = event.target;
  if (!isNumber(field) || !isAmbiguous(field)) return;
  const sentence = twoWays(field.value);
  hasComma = false;
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, before); // bypasses React's own setter
  field.dispatchEvent(new Event("input", { bubbles: true }));
  setTimeout(() => refuse(field, sentence)); // not while the focus is moving
}

function refuse(field, sentence) {
  field.setCustomValidity(sentence);
  field.reportValidity();
}

// The field's own listener would keep the browser from showing the message.
function show(event) {
  if (isNumber(event.target) && event.target.validity.customError) event.stopImmediatePropagation();
}

function twoWays(typed) {
  const [whole, rest] = typed.split(SEPARATORS);
  const decimals = rest.replace(/0+$/, "") || "0";
  return `${whole},${rest} can be read two ways: type ${whole}${rest} or ${whole}.${decimals}.`;
}

function isNumber(field) {
  return field instanceof HTMLInputElement && field.type === "number";
}

function isAmbiguous(field) {
  return hasComma && GROUPED.test(field.value);
}

function isWhole(field) {
  return Number.isInteger(Number(field.step)) && Number(field.step) > 0 && Number.isInteger(Number(field.min || 0));
}
