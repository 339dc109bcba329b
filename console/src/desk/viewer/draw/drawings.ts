// What was drawn on which picture, for as long as the page is open: a copy that was handed over can be taken up again.
import { EMPTY, type History } from './marks';

type Drawing = { history: History; turns: number };
const KEPT_MAX = 20;
const kept = new Map<string, Drawing>();

export const drawingOf = (shot: string): Drawing => kept.get(shot) ?? { history: EMPTY, turns: 0 };
export const hasDrawing = (shot: string): boolean => (kept.get(shot)?.history.now.length ?? 0) > 0;

export function keepDrawing(shot: string, drawing: Drawing) {
  kept.delete(shot);
  if (drawing.history.now.length > 0) kept.set(shot, drawing);
  const [oldest] = kept.keys();
  if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest);
}
