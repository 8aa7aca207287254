// A test with one question of each kind, each with a picture, a sound or a film, for the pictures of docs/pages.md.

const SVG = 'xmlns="http://www.w3.org/2000/svg" font-family="DejaVu Sans, sans-serif"';

/** The ground floor of a small office. */
const PLAN = `<svg ${SVG} viewBox="0 0 640 300" font-size="18"><rect width="640" height="300" fill="#fff"/>
<g fill="#eef4f6" stroke="#2b4450" stroke-width="4"><path d="M20 20h240v160H20z"/><path d="M260 20h180v160H260z"/>
<path d="M440 20h180v260H440z"/><path d="M20 180h420v100H20z" fill="#f7f2e6"/></g>
<g fill="#2b4450" text-anchor="middle"><text x="140" y="106">A · Meeting</text><text x="350" y="106">B · Store</text>
<text x="530" y="156">C · Workshop</text><text x="230" y="236">D · Entrance</text></g></svg>`;

/** Visitors of four quarters. */
const CHART = `<svg ${SVG} viewBox="0 0 640 280" font-size="18"><rect width="640" height="280" fill="#fff"/>
<g fill="#3a7d8c"><path d="M90 140h80v90H90z"/><path d="M220 80h80v150h-80z"/><path d="M350 40h80v190h-80z"/>
<path d="M480 110h80v120h-80z"/></g><path d="M60 230h540" stroke="#2b4450" stroke-width="3"/>
<g fill="#2b4450" text-anchor="middle"><text x="130" y="258">Q1</text><text x="260" y="258">Q2</text><text x="390" y="258">Q3</text>
<text x="520" y="258">Q4</text><text x="130" y="130">90</text><text x="260" y="70">150</text><text x="390" y="30">190</text>
<text x="520" y="100">120</text></g></svg>`;

/** A sign with a shape and a colour of its own. */
const sign = (shape, colour) =>
  `<svg ${SVG} viewBox="0 0 200 120"><rect width="200" height="120" fill="#fff"/><g fill="${colour}" stroke="#222" stroke-width="4">${shape}</g></svg>`;
const EXIT = sign(
  '<path d="M20 20h160v80H20z"/><path d="M60 60h70l-20-20m20 20-20 20" stroke="#fff" stroke-width="10" fill="none"/>',
  "#1f7a3d",
);
const FIRE = sign(
  '<path d="M20 20h160v80H20z"/><path d="M100 90c-30-5-25-35 0-60 25 25 30 55 0 60z" fill="#fff"/>',
  "#b3261e",
);
const WET = sign(
  '<path d="M100 14 180 104H20z"/><path d="M100 46v28m0 8v8" stroke="#222" stroke-width="9" fill="none"/>',
  "#f2c230",
);

/** A tone of so many seconds, 8 kHz mono. */
function tone(seconds) {
  const rate = 8000;
  const samples = Buffer.alloc(rate * seconds);
  for (let at = 0; at < samples.length; at += 1)
    samples[at] = 128 + Math.round(40 * Math.sin((at / rate) * 2 * Math.PI * 440));
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + samples.length, 4);
  head.write("WAVEfmt ", 8);
  for (const [place, value] of [
    [16, 16],
    [24, rate],
    [28, rate],
    [40, samples.length],
  ])
    head.writeUInt32LE(value, place);
  for (const [place, value] of [
    [20, 1],
    [22, 1],
    [32, 1],
    [34, 8],
  ])
    head.writeUInt16LE(value, place);
  head.write("data", 36);
  return Buffer.concat([head, samples]);
}

const question = (key, text, rest) => ({ key, text, ...rest });
const input = (type, text, rest = {}) => question(type, text, { kind: "input", type, ...rest });

/** The questions by kind, of media that `uploaded(name, bytes)` puts into the library. */
export async function questionsOfEachKind(uploaded) {
  const file = async (name, content) => `asset:${await uploaded(name, Buffer.from(content))}`;
  const plan = `![Plan of the ground floor: rooms A and B at the top left, C at the right, D below](${await file("plan.svg", PLAN)})`;
  const chart = `![Bar chart of visitors: 90, 150, 190 and 120](${await file("visitors.svg", CHART)})`;
  const call = `![A caller describes a problem](${await file("call.wav", tone(12))}?plays=2)`;
  const [exit, fire, wet] = [await file("exit.svg", EXIT), await file("fire.svg", FIRE), await file("wet.svg", WET)];
  return [
    question("multiplechoice", `Where do visitors come in?\n\n${plan}`, {
      kind: "multiplechoice",
      layout: "grid",
      choices: ["A", "B", "C", "D"].map((key) => ({
        key,
        text: `Room ${key}`,
        ...(key === "D" && { percentage: 100 }),
      })),
    }),
    question("match", "What does each sign mean?", {
      kind: "match",
      options: [
        ["out", "Way out"],
        ["alarm", "Fire alarm"],
        ["slip", "Slippery floor"],
      ].map(([key, text]) => ({ key, text })),
      items: [
        ["i1", "A running arrow", exit, "out"],
        ["i2", "A flame", fire, "alarm"],
        ["i3", "A triangle", wet, "slip"],
      ].map(([key, alt, asset, option]) => ({
        key,
        text: `![${alt}](${asset})`,
        matches: [{ option, percentage: key === "i1" ? 33.3334 : 33.3333 }],
      })),
    }),
    input("field", `Which quarter had the most visitors?\n\n${chart}`, {
      rules: [{ rule: "equal", value: "Q3", percentage: 100 }],
    }),
    input("area", `Listen to the caller, then write what you would answer.\n\n${call}`),
    input("rich", `Describe the way from room A to room C.\n\n${plan}`),
    input("code", `Write a function that gives these figures as a list.\n\n${chart}`, {
      language: "Python",
      template: "def visitors():\n    ",
    }),
    input("numeric", `How many visitors came in the first half of the year?\n\n${chart}`, {
      rules: [{ rule: "equal", value: 240, percentage: 100 }],
    }),
    input("tabular", `Copy the figures into the table.\n\n${chart}`, {
      columns: ["Q1", "Q2", "Q3", "Q4"].map((title) => ({ key: title.toLowerCase(), title, type: "numeric" })),
      rows: [{ key: "visitors", title: "Visitors" }],
      cells: [{ row: "visitors", column: "q1", rules: [{ rule: "equal", value: 90, percentage: 100 }] }],
    }),
    input("audio", `Answer the caller as you would on the phone.\n\n${call}`),
    input("video", `Explain this plan to a new colleague.\n\n${plan}`),
    input("file", `Draw a better plan and upload it.\n\n${plan}`),
    input("photo", `Take a photo of a sign like this one.\n\n![A flame](${fire})`),
  ];
}

/** The document of these questions, one on a page. */
export function documentOf(questions) {
  const pages = questions.map((one) => ({ key: `page-${one.key}`, title: "With media", questions: [one] }));
  return { assay: 1, key: "kinds", title: "Every kind with media", sections: [{ key: "all", title: "All", pages }] };
}
