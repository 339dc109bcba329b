// Short messages at the edge of the page. An error stays until it is closed; the rest go by themselves.
export type Toast = { id: number; text: string; kind: 'info' | 'success' | 'error'; action?: { label: string; run: () => void } };

class Toasts {
  list = $state<Toast[]>([]);
  #next = 1;

  show(text: string, kind: Toast['kind'] = 'info', action?: Toast['action']) {
    if (this.list.some((t) => t.text === text && t.kind === kind)) return;
    const id = this.#next++;
    this.list = [...this.list.slice(-3), { id, text, kind, action }];
    if (kind !== 'error') setTimeout(() => this.close(id), 5_000);
  }
  error(problem: unknown) {
    this.show(problem instanceof Error ? problem.message : String(problem), 'error');
  }
  close(id: number) {
    this.list = this.list.filter((t) => t.id !== id);
  }
}
export const toasts = new Toasts();
