"use strict";
// All streams: sorted, searched, and put into the page as far as somebody scrolls.

const CHUNK = 100;

async function streamsTable() {
  const table = document.getElementById("streams-table");
  const source = document.getElementById("streams-data");
  if (!table || !source) return;
  const { data, drawn, left } = JSON.parse(source.textContent);
  const { numbers, cells, keys } = await unpackJson(data);
  const body = table.tBodies[0];
  const heads = [...table.tHead.querySelectorAll("button")];
  const search = document.getElementById("search");
  const count = document.getElementById("count");
  const region = table.parentElement;
  const texts = numbers.map((number, row) => cells.map((column) => column[row]).join(" ").toLowerCase());
  const withCharts = new Set(drawn);
  const names = heads.map((head) => head.textContent);
  const collator = new Intl.Collator("en", { numeric: true });
  let order = numbers.map((number, row) => row);
  let found = order;
  let shown = 0;

  const line = (row) => {
    const tr = document.createElement("tr");
    cells.forEach((column, place) => {
      const td = tr.appendChild(document.createElement("td"));
      if (!left.includes(names[place])) td.className = "number";
      const text = place === 0 && withCharts.has(numbers[row]) ? td.appendChild(document.createElement("a")) : td;
      if (text !== td) text.href = `#stream-${numbers[row]}`;
      text.textContent = column[row];
    });
    const filter = tr.appendChild(document.createElement("td"));
    filter.className = "screen";
    filter.append(copyButton(`tcp.stream == ${numbers[row]}`));
    return tr;
  };
  const more = () => {
    body.append(...found.slice(shown, shown + CHUNK).map(line));
    shown = Math.min(shown + CHUNK, found.length);
    document.getElementById("on-paper").textContent = shown.toLocaleString("en");
  };
  const show = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    found = words.length ? order.filter((row) => words.every((word) => texts[row].includes(word))) : order;
    shown = 0;
    body.replaceChildren();
    region.scrollTop = 0;
    more();
    count.textContent = `${found.length.toLocaleString("en")} of ${numbers.length.toLocaleString("en")}`;
  };
  heads.forEach((button, place) => {
    button.disabled = false;
    button.addEventListener("click", () => {
      const head = button.parentElement;
      const number = keys[place];
      const first = number && place ? "descending" : "ascending";
      const other = first === "ascending" ? "descending" : "ascending";
      const way = head.getAttribute("aria-sort") === first ? other : first;
      for (const one of heads) one.parentElement.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", way);
      const sign = way === "ascending" ? 1 : -1;
      const compare = number ? (a, b) => number[a] - number[b] : (a, b) => collator.compare(cells[place][a], cells[place][b]);
      order = [...order].sort((a, b) => sign * compare(a, b));
      show();
    });
  });
  search.disabled = false;
  search.addEventListener("input", show);
  region.addEventListener("scroll", () => {
    if (region.scrollTop + region.clientHeight > region.scrollHeight - 600) more();
  });
  show();
}
