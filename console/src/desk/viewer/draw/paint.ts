// Marks on a canvas. Each has a rim in the other tone, so that it is seen on whatever the picture shows.
import type { Size } from '../transform';
import { barbs, boundsOf, inkOn, numberOf, penWidth, turnedSize, type Mark } from './marks';

type Ink = { marks: Mark[]; picture: Size; chosen?: number | null; isBlack?: boolean };

/** The picture, turned as it is looked at, on a canvas of its own. */
export function turnedCopy(photo: HTMLImageElement, turns: number): HTMLCanvasElement {
  const size = { width: photo.naturalWidth, height: photo.naturalHeight };
  const canvas = document.createElement('canvas');
  Object.assign(canvas, turnedSize(size, turns));
  const ink = canvas.getContext('2d');
  if (!ink) throw new Error('This browser gives no canvas to draw on. Close other tabs and try again.');
  ink.translate(canvas.width / 2, canvas.height / 2);
  ink.rotate((turns * Math.PI) / 2);
  ink.drawImage(photo, -size.width / 2, -size.height / 2);
  return canvas;
}

export function paint(ink: CanvasRenderingContext2D, base: HTMLCanvasElement, { marks, picture, chosen = null, isBlack = false }: Ink) {
  ink.clearRect(0, 0, picture.width, picture.height);
  ink.drawImage(base, 0, 0);
  ink.lineCap = 'round';
  ink.lineJoin = 'round';
  for (const mark of marks) {
    if (isBlack) blacken(ink, mark);
    else draw(ink, mark, marks, picture);
    if (mark.id === chosen) frame(ink, mark, picture);
  }
}

function blacken(ink: CanvasRenderingContext2D, mark: Mark) {
  const { x, y, width, height } = boundsOf(mark);
  ink.fillStyle = 'rgb(0 0 0 / 82%)';
  ink.fillRect(x, y, width, height);
  ink.strokeStyle = '#ffffff';
  ink.lineWidth = 1.5;
  ink.strokeRect(x, y, width, height);
}

function draw(ink: CanvasRenderingContext2D, mark: Mark, marks: Mark[], picture: Size) {
  const width = penWidth(picture);
  if (mark.kind === 'text') return write(ink, mark.text, mark);
  if (mark.kind === 'step') return count(ink, mark, numberOf(marks, mark));
  for (const [colour, line] of [[inkOn(mark.colour), width * 1.7], [mark.colour, width]] as const) {
    ink.strokeStyle = colour;
    ink.lineWidth = line;
    ink.stroke(outline(mark, width));
  }
}

function outline(mark: Exclude<Mark, { at: unknown }>, width: number): Path2D {
  const path = new Path2D();
  if (mark.kind === 'pen') {
    mark.points.forEach((p, i) => (i === 0 ? path.moveTo(p.x, p.y) : path.lineTo(p.x, p.y)));
  } else if (mark.kind === 'arrow') {
    const [one, other] = barbs(mark, width);
    path.moveTo(mark.from.x, mark.from.y);
    path.lineTo(mark.to.x, mark.to.y);
    path.moveTo(one.x, one.y);
    path.lineTo(mark.to.x, mark.to.y);
    path.lineTo(other.x, other.y);
  } else {
    const { x, y, width: w, height: h } = boundsOf(mark);
    if (mark.kind === 'box') path.rect(x, y, w, h);
    else path.ellipse(x + w / 2, y + h / 2, w / 2, h / 2, 0, 0, 2 * Math.PI);
  }
  return path;
}

function write(ink: CanvasRenderingContext2D, text: string, { at, size, colour }: { at: { x: number; y: number }; size: number; colour: string }) {
  ink.font = `600 ${size}px system-ui, sans-serif`;
  ink.textAlign = 'left';
  ink.textBaseline = 'top';
  ink.lineWidth = size / 6;
  ink.strokeStyle = inkOn(colour);
  ink.fillStyle = colour;
  text.split('\n').forEach((line, i) => {
    ink.strokeText(line, at.x, at.y + i * size * 1.2);
    ink.fillText(line, at.x, at.y + i * size * 1.2);
  });
}

function count(ink: CanvasRenderingContext2D, { at, size, colour }: { at: { x: number; y: number }; size: number; colour: string }, number: number) {
  ink.beginPath();
  ink.arc(at.x, at.y, size, 0, 2 * Math.PI);
  ink.fillStyle = colour;
  ink.fill();
  ink.lineWidth = size / 8;
  ink.strokeStyle = inkOn(colour);
  ink.stroke();
  ink.fillStyle = inkOn(colour);
  ink.font = `700 ${size * 1.1}px system-ui, sans-serif`;
  ink.textAlign = 'center';
  ink.textBaseline = 'middle';
  ink.fillText(String(number), at.x, at.y);
}

/** What is chosen: a dashed frame, and handles on its ends. */
function frame(ink: CanvasRenderingContext2D, mark: Mark, picture: Size) {
  const { x, y, width, height } = boundsOf(mark);
  const gap = penWidth(picture) * 1.5;
  ink.save();
  ink.lineWidth = Math.max(1.5, penWidth(picture) / 3);
  for (const [colour, dash] of [['#000000', 0], ['#ffffff', gap * 2]] as const) {
    ink.setLineDash(dash ? [dash, dash] : []);
    ink.strokeStyle = colour;
    ink.strokeRect(x - gap, y - gap, width + 2 * gap, height + 2 * gap);
  }
  ink.setLineDash([]);
  for (const end of 'from' in mark ? [mark.from, mark.to] : []) {
    ink.beginPath();
    ink.arc(end.x, end.y, penWidth(picture) * 1.6, 0, 2 * Math.PI);
    ink.fillStyle = '#ffffff';
    ink.fill();
    ink.strokeStyle = '#000000';
    ink.stroke();
  }
  ink.restore();
}
