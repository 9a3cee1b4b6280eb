/**
 * QR codes of digits (ISO/IEC 18004), drawn as SVG: version 1 with error correction Q, numeric mode. That is
 * room for 27 digits, the card's and the pickup code among them, with every fourth module to spare.
 */

import { drawn } from "/assets/client/dom.js";

const SIZE = 21;
const QUIET = 4; // modules of white around it
const DATA_WORDS = 13;
const CHECK_WORDS = 13;
const LEVEL_Q = 0b11;
const MASKS = [
  (x, y) => (x + y) % 2,
  (x, y) => y % 2,
  (x) => x % 3,
  (x, y) => (x + y) % 3,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2,
  (x, y) => ((x * y) % 2) + ((x * y) % 3),
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2,
];

/** The QR code of up to 27 digits; `label` tells those who do not see it what it is. */
export function qrPicture(digits, label) {
  const modules = qrModules(digits);
  const side = SIZE + 2 * QUIET;
  let path = "";
  modules.forEach((row, y) => row.forEach((isDark, x) => { path += isDark ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : ""; }));
  return drawn(
    "svg",
    { viewBox: `0 0 ${side} ${side}`, role: "img", "aria-label": label, class: "qr", "shape-rendering": "crispEdges" },
    drawn("rect", { width: side, height: side, fill: "#fff" }),
    drawn("path", { d: path, fill: "#000" }),
  );
}

/** Rows of modules, true for dark: of the eight ways to mask them, the one that scanners read best. */
function qrModules(digits) {
  const bits = [...wordsOf(digits)].flatMap((word) => bitsOf(word, 8));
  const ways = MASKS.map((mask, number) => modulesOf(bits, mask, number));
  return ways.reduce((best, each) => (penaltyOf(each) < penaltyOf(best) ? each : best));
}

function wordsOf(digits) {
  const groups = digits.match(/.{1,3}/g).map((group) => bitsOf(Number(group), [0, 4, 7, 10][group.length]));
  const bits = [bitsOf(0b0001, 4), bitsOf(digits.length, 10), ...groups].flat();
  bits.push(...Array(Math.min(4, DATA_WORDS * 8 - bits.length)).fill(0));
  bits.push(...Array(-bits.length & 7).fill(0));
  const words = [];
  for (let at = 0; at < bits.length; at += 8) {
    words.push(parseInt(bits.slice(at, at + 8).join(""), 2));
  }
  for (let pad = 0xec; words.length < DATA_WORDS; pad ^= 0xec ^ 0x11) {
    words.push(pad);
  }
  return [...words, ...checkWordsOf(words)];
}

/** The remainder that Reed and Solomon correct errors by, over GF(256) with x⁸ + x⁴ + x³ + x² + 1. */
function checkWordsOf(words) {
  let divisor = [1];
  for (let root = 1, degree = 0; degree < CHECK_WORDS; degree += 1, root = times(root, 2)) {
    const shifted = [...divisor, 0];
    divisor = shifted.map((each, at) => each ^ (at > 0 ? times(divisor[at - 1], root) : 0));
  }
  const rest = [...words, ...Array(CHECK_WORDS).fill(0)];
  words.forEach((_, at) => {
    const factor = rest[at];
    divisor.forEach((each, offset) => { rest[at + offset] ^= times(each, factor); });
  });
  return rest.slice(words.length);
}

function times(one, other) {
  let product = 0;
  for (let bit = 7; bit >= 0; bit -= 1) {
    product = (product << 1) ^ ((product >> 7) * 0x11d);
    product ^= ((other >> bit) & 1) * one;
  }
  return product;
}

function modulesOf(bits, mask, maskNumber) {
  const modules = Array.from({ length: SIZE }, () => Array(SIZE).fill(null));
  drawPatterns(modules);
  drawFormat(modules, maskNumber);
  let at = 0;
  for (let right = SIZE - 1; right > 0; right -= right === 8 ? 3 : 2) { // the column of timing is left out
    const isUpward = ((right + 1) & 2) === 0;
    for (let step = 0; step < SIZE; step += 1) {
      const y = isUpward ? SIZE - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (modules[y][x] === null) {
          modules[y][x] = Boolean((bits[at] ?? 0) ^ (mask(x, y) === 0));
          at += 1;
        }
      }
    }
  }
  return modules;
}

function drawPatterns(modules) {
  for (let at = 0; at < SIZE; at += 1) {
    modules[6][at] = modules[at][6] = at % 2 === 0;
  }
  for (const [left, top] of [[0, 0], [SIZE - 7, 0], [0, SIZE - 7]]) {
    for (let y = -1; y <= 7; y += 1) {
      for (let x = -1; x <= 7; x += 1) {
        const ring = Math.max(Math.abs(x - 3), Math.abs(y - 3));
        if (modules[top + y]?.[left + x] !== undefined) {
          modules[top + y][left + x] = ring !== 2 && ring !== 4;
        }
      }
    }
  }
}

/** The level and the mask, twice, with ten bits by which scanners correct them. */
function drawFormat(modules, maskNumber) {
  const data = (LEVEL_Q << 3) | maskNumber;
  let rest = data;
  for (let step = 0; step < 10; step += 1) {
    rest = (rest << 1) ^ ((rest >> 9) * 0x537);
  }
  const format = ((data << 10) | rest) ^ 0x5412;
  const rows = [0, 1, 2, 3, 4, 5, 7, 8]; // around the corner; row and column 6 are timing
  for (let bit = 0; bit < 15; bit += 1) {
    const isDark = ((format >> bit) & 1) === 1;
    const [x, y] = bit < 8 ? [8, rows[bit]] : [rows[14 - bit], 8];
    modules[y][x] = isDark;
    const [x2, y2] = bit < 8 ? [SIZE - 1 - bit, 8] : [8, SIZE - 15 + bit];
    modules[y2][x2] = isDark;
  }
  modules[SIZE - 8][8] = true;
}

/** How much there is that could lead a scanner astray, by the four rules of the standard. */
function penaltyOf(modules) {
  const columns = modules.map((_, x) => modules.map((row) => row[x]));
  let penalty = 0;
  for (const line of [...modules, ...columns].map((each) => each.map(Number).join(""))) {
    for (const run of line.match(/0{5,}|1{5,}/g) ?? []) {
      penalty += run.length - 2;
    }
    penalty += 40 * (line.match(/(?=00001011101|10111010000)/g) ?? []).length;
  }
  for (let y = 1; y < SIZE; y += 1) {
    for (let x = 1; x < SIZE; x += 1) {
      const square = [modules[y][x], modules[y - 1][x], modules[y][x - 1], modules[y - 1][x - 1]];
      penalty += new Set(square).size === 1 ? 3 : 0;
    }
  }
  const share = modules.flat().filter(Boolean).length / SIZE ** 2;
  return penalty + 10 * Math.floor(Math.abs(share - 0.5) * 20);
}

function bitsOf(number, length) {
  return Array.from({ length }, (_, at) => (number >> (length - 1 - at)) & 1);
}
