"use strict";
// What page_pack.py wrote, read back: base64 of deflate of the differences of a column.

async function inflate(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function unpackJson(text) {
  return JSON.parse(new TextDecoder().decode(await inflate(text)));
}

// {table: {column: Float64Array}}; NaN for what is not known.
async function unpack(block) {
  const bytes = await inflate(block.data);
  const tables = {};
  let at = 0;
  for (const [table, column, rows, width] of block.columns) {
    const end = at + rows * width;
    (tables[table] ??= {})[column] = sums(bytes.subarray(at, end), rows, width);
    at = end;
  }
  return tables;
}

function sums(bytes, rows, width) {
  const values = new Float64Array(rows);
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    let code = 0;
    for (let plane = width - 1; plane >= 0; plane--) code = code * 256 + bytes[plane * rows + row];
    if (code === 0) {
      values[row] = NaN;
      continue;
    }
    const zigzag = code - 1;
    sum += zigzag % 2 ? -(zigzag + 1) / 2 : zigzag / 2;
    values[row] = sum;
  }
  return values;
}
