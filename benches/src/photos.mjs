// Makes the photos of `bench media` and renders them with sharp, the way a Node help desk would.
import { existsSync, mkdirSync } from "node:fs";
import os from "node:os";
import sharp from "sharp";

const [WIDTH, HEIGHT] = [4032, 3024];
const [command, count] = [process.argv[2], Number(process.argv[3])];
const file = (index) => `photos/${index}.jpg`;
const noise = (width, height, sigma) =>
  sharp({ create: { width, height, channels: 3, background: "black", noise: { type: "gaussian", mean: 128, sigma } } })
    .png({ compressionLevel: 0 })
    .toBuffer();

// Large soft shapes under fine grain: compresses like a photo, neither like a drawing nor like pure noise.
async function make(index) {
  const shapes = await sharp(await noise(63, 47, 60)).resize(WIDTH, HEIGHT, { fit: "fill", kernel: "cubic" }).png({ compressionLevel: 0 }).toBuffer();
  await sharp(shapes)
    .composite([{ input: await noise(WIDTH, HEIGHT, 10), blend: "soft-light" }])
    .jpeg({ quality: 88 })
    .toFile(file(index));
}

async function render(index) {
  const view = await sharp(file(index)).rotate().resize(1600, 1600, { fit: "inside" }).jpeg({ quality: 82 }).toBuffer();
  await sharp(view).resize(320, 320, { fit: "inside" }).jpeg({ quality: 82 }).toBuffer();
}

const indexes = [...Array(count).keys()];
if (command === "make") {
  mkdirSync("photos", { recursive: true });
  for (const index of indexes) if (!existsSync(file(index))) await make(index);
} else {
  sharp.concurrency(1);
  const queue = indexes.values();
  const begin = performance.now();
  await Promise.all(Array.from({ length: os.availableParallelism() }, async () => {
    for (const index of queue) await render(index);
  }));
  console.log((performance.now() - begin) / 1000);
}
