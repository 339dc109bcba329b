// A drawing in the hands of somebody: the tool, the chosen mark, and what keys and buttons do to them.
import type { Point, Size } from '../transform';
import {
  colours,
  done,
  EMPTY,
  moved,
  placed,
  redone,
  replaced,
  reworded,
  scaled,
  undone,
  without,
  type History,
  type Kind,
  type Mark,
  type Tool,
} from './marks';

const toolKeys: Record<string, Tool> = { s: 'select', a: 'arrow', o: 'ellipse', b: 'box', p: 'pen', t: 'text', n: 'step' };
const steps: Record<string, Point> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};
const NUDGE_PX = 2;
const NUDGE_FAR_PX = 20;
const GROWTH = 1.15;

export class Drawing {
  history = $state.raw<History>(EMPTY);
  tool = $state<Tool>('arrow');
  colour = $state<string>(colours[0].value);
  chosen = $state<number | null>(null);
  picture = $state.raw<Size>({ width: 0, height: 0 });
  readonly tools: readonly Tool[];
  #isTyping = false;

  constructor(tools: readonly Tool[], history: History = EMPTY) {
    this.tools = tools;
    this.history = history;
    this.tool = tools.find((tool) => tool !== 'select') ?? 'select';
  }
  get mark(): Mark | null {
    return this.history.now.find((mark) => mark.id === this.chosen) ?? null;
  }
  get canUndo() {
    return this.history.past.length > 0;
  }
  get canRedo() {
    return this.history.future.length > 0;
  }
  take(next: Mark[]) {
    this.history = done(this.history, next);
  }
  pick(tool: Tool) {
    this.tool = tool;
    if (tool !== 'select') this.chosen = null;
  }
  paint(colour: string) {
    this.colour = colour;
    if (this.mark) this.take(replaced(this.history.now, { ...this.mark, colour }));
  }
  undo() {
    this.history = undone(this.history);
    this.#forget();
  }
  redo() {
    this.history = redone(this.history);
    this.#forget();
  }
  #forget() {
    if (!this.mark) this.chosen = null;
  }
  remove() {
    if (this.chosen === null) return;
    this.take(without(this.history.now, this.chosen));
    this.chosen = null;
  }
  /** Puts a mark of the tool in the middle, for those who have no pointer. */
  place() {
    if (this.tool === 'select' || this.picture.width === 0) return;
    const mark = placed(this.tool as Kind, this.colour, this.history.now, this.picture);
    this.take([...this.history.now, mark.kind === 'text' ? reworded(mark, 'Text') : mark]);
    this.chosen = mark.id;
  }
  /** The next mark, or the one before. */
  turn(by: 1 | -1) {
    const marks = this.history.now;
    const at = marks.findIndex((mark) => mark.id === this.chosen);
    const next = marks.at(at < 0 ? (by > 0 ? 0 : -1) : (at + by) % marks.length);
    this.chosen = next?.id ?? null;
  }
  change(how: (mark: Mark) => Mark) {
    if (this.mark) this.take(replaced(this.history.now, how(this.mark)));
  }
  /** Words are one step back, however many letters they have. */
  word(text: string) {
    const mark = this.mark;
    if (mark?.kind !== 'text') return;
    const next = replaced(this.history.now, reworded(mark, text));
    this.history = this.#isTyping ? { ...this.history, now: next } : done(this.history, next);
    this.#isTyping = true;
  }
  worded() {
    this.#isTyping = false;
    // Words that were taken away leave nothing to be chosen.
    if (this.mark?.kind === 'text' && this.mark.text.trim() === '') this.remove();
  }
  /** Whether the key meant something here. */
  key(event: KeyboardEvent): boolean {
    if (event.altKey) return false;
    if (event.ctrlKey || event.metaKey) return this.#withControl(event);
    const tool = toolKeys[event.key];
    const step = steps[event.key];
    const colour = colours[Number(event.key) - 1];
    if (tool && this.tools.includes(tool)) this.pick(tool);
    else if (colour && this.tools.length > 2) this.paint(colour.value);
    else if (event.key === '[' || event.key === ']') this.turn(event.key === ']' ? 1 : -1);
    else if (event.key === 'Enter') this.place();
    else if (event.key === 'Delete' || event.key === 'Backspace') this.remove();
    else if (step && this.mark) this.#nudge(step, event.shiftKey ? NUDGE_FAR_PX : NUDGE_PX);
    else if (['+', '='].includes(event.key)) this.change((mark) => scaled(mark, GROWTH));
    else if (event.key === '-') this.change((mark) => scaled(mark, 1 / GROWTH));
    else return false;
    return true;
  }
  #nudge(step: Point, by: number) {
    this.change((mark) => moved(mark, { x: step.x * by, y: step.y * by }, this.picture));
  }
  #withControl(event: KeyboardEvent): boolean {
    const key = event.key.toLowerCase();
    if (key === 'z' && event.shiftKey) this.redo();
    else if (key === 'z') this.undo();
    else if (key === 'y') this.redo();
    else return false;
    return true;
  }
}
