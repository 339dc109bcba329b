// Files on their way into a reply: they are uploaded at once, while the agent still writes.
import * as api from '../../api/calls';
import type { Attachment } from '../../api/types';
import { fileSize } from '../../lib/format';
import { toasts } from '../../lib/toasts.svelte';

/** The server's own limit; asked here so that nobody waits for a refusal. */
const SIZE_BYTES_MAX = 100 * 1024 * 1024;
const FILES_MAX = 10;

export class OutFile {
  readonly key: number;
  readonly file: File;
  readonly preview: string | null;
  part = $state(0);
  error = $state('');
  attachment = $state.raw<Attachment | null>(null);
  #stop = new AbortController();

  constructor(key: number, file: File) {
    this.key = key;
    this.file = file;
    this.preview = /^(image|video)\//.test(file.type) ? URL.createObjectURL(file) : null;
    void this.upload();
  }
  async upload() {
    this.error = '';
    this.part = 0;
    try {
      this.attachment = await api.attachments.upload(this.file, (part) => (this.part = part), this.#stop.signal);
    } catch (problem) {
      if (!this.#stop.signal.aborted) this.error = (problem as Error).message;
    }
  }
  drop() {
    this.#stop.abort();
    if (this.preview) URL.revokeObjectURL(this.preview);
  }
}

export class Files {
  list = $state.raw<OutFile[]>([]);
  #next = 0;
  isUploading = $derived(this.list.some((f) => !f.attachment && !f.error));
  hasFailed = $derived(this.list.some((f) => f.error));

  add(files: Iterable<File>) {
    for (const file of files) {
      const problem =
        file.size === 0
          ? `“${file.name}” is empty.`
          : file.size > SIZE_BYTES_MAX
            ? `“${file.name}” has ${fileSize(file.size)}; at most ${fileSize(SIZE_BYTES_MAX)} can be sent.`
            : this.list.length >= FILES_MAX
              ? `At most ${FILES_MAX} files go out at once. Send these first.`
              : '';
      if (problem) toasts.show(problem, 'error');
      else this.list = [...this.list, new OutFile(this.#next++, file)];
    }
  }
  remove(one: OutFile) {
    one.drop();
    this.list = this.list.filter((f) => f !== one);
  }
  clear() {
    for (const file of this.list) file.drop();
    this.list = [];
  }
  get ready(): Attachment[] {
    return this.list.flatMap((f) => f.attachment ?? []);
  }
}
