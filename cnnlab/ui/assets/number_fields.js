// Numbers as people type them: a decimal comma becomes a point, and a separator in a whole number is refused in words.
// The browser itself drops a comma from a number field, so that 0,001 would silently become 1. A comma before exactly
// three digits may also group thousands: 1,000 is refused while it stands, 0,001 and 1,0005 cannot be anything else.

const WHOLE = "Type a whole number without separators.";
const COMMA = ",";
const SEPARATORS = /[.,]/;
const GROUPED = /^-?[1-9]\d{0,2}[.,]\d{3}$/;

let listening = false; // once a page, however often it is drawn
let before = ""; // the value of the field when it was entered
let hasComma = false; // whether the point in it was typed as a comma

export default function () {
  if (listening) return;
  listening = true;
  document.addEventListener("focusin", enter, true);
  document.addEventListener("beforeinput", meet, true);
  document.addEventListener("input", look); // after React, which puts the old text back if it is asked in between
  document.addEventListener("keydown", commit, true);
  document.addEventListener("focusout", leave, true);
  document.addEventListener("invalid", show, true);
}

function enter(event) {
  if (!isNumber(event.target) || isAmbiguous(event.target)) return;
  before = event.target.value;
  hasComma = false;
}

function meet(event) {
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
  hasComma = true; // the point that was just put in came through here as well
}

// Only said, since a fourth digit makes it clear; it is not taken over as it stands.
function look(event) {
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

// Streamlit takes what a field holds when it is left: then it holds what it held before.
function leave(event) {
  const field = event.target;
  if (!isNumber(field) || !isAmbiguous(field)) return;
  const sentence = twoWays(field.value);
  hasComma = false;
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, before); // past React's own
  field.dispatchEvent(new Event("input", { bubbles: true }));
  setTimeout(() => refuse(field, sentence)); // not while the focus moves
}

function refuse(field, sentence) {
  field.setCustomValidity(sentence);
  field.reportValidity();
}

// The field's own listener would keep the browser from showing the sentence.
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
