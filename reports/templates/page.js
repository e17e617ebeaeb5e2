"use strict";

// A link to a verdict or a requirement opens it.
function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  target.hidden = false;
  if (target.tagName === "DETAILS") target.open = true;
  target.scrollIntoView();
}
addEventListener("hashchange", reveal);
reveal();

// The list of verdicts can be narrowed.
const filter = document.getElementById("filter");
const verdicts = Array.from(document.querySelectorAll("details.verdict"));
const texts = verdicts.map(
  (one) => one.querySelector("summary").textContent.toLowerCase());

function narrow() {
  const wanted = filter.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
  const kinds = new Set(new FormData(filter).getAll("verdict"));
  let shown = 0;
  verdicts.forEach((one, index) => {
    const fits = kinds.has(one.dataset.verdict) &&
      wanted.every((word) => texts[index].includes(word));
    one.hidden = !fits;
    shown += fits;
  });
  filter.querySelector("output").textContent = `${shown} of ${verdicts.length} verdicts`;
}
filter.hidden = false;
filter.addEventListener("input", narrow);
filter.addEventListener("submit", (event) => event.preventDefault());
narrow();
