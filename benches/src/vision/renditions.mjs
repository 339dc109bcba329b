// What sharp needs for the view and thumbnail renditions: processor time, one thread, the best of several runs.
import { existsSync } from "node:fs";
import sharp from "sharp";

const [, , runs, ...files] = process.argv;
const noise = (width, height, sigma) =>
  sharp({ create: { width, height, channels: 3, background: "black", noise: { type: "gaussian", mean: 128, sigma } } })
    .png({ compressionLevel: 0 })
    .toBuffer();
sharp.concurrency(1);
sharp.cache(false);

async function render(file) {
  const view = await sharp(file).rotate().resize(1600, 1600, { fit: "inside", withoutEnlargement: true }).jpeg({ quality: 82 }).toBuffer();
  await sharp(view).resize(320, 320, { fit: "inside" }).jpeg({ quality: 82 }).toBuffer();
}
const thumbnail = (file) => sharp(file).rotate().resize(320, 320, { fit: "inside" }).jpeg({ quality: 82 }).toBuffer();

async function best(work) {
  let least = Infinity;
  for (let run = 0; run < runs; run++) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

// Large soft shapes under fine grain: compresses like a photo. The size is in the file's name: 4032x3024.jpg.
async function make(file) {
  const [width, height] = file.match(/\d+/g).slice(-2).map(Number);
  const shapes = await sharp(await noise(63, 47, 60)).resize(width, height, { fit: "fill", kernel: "cubic" }).png({ compressionLevel: 0 }).toBuffer();
  await sharp(shapes).composite([{ input: await noise(width, height, 10), blend: "soft-light" }]).jpeg({ quality: 88 }).toFile(file);
}

for (const file of files) {
  if (!existsSync(file)) await make(file);
  console.log(JSON.stringify({ both: await best(() => render(file)), thumbnail: await best(() => thumbnail(file)) }));
}
