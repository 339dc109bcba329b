// A voice note from the microphone. WhatsApp's own are ogg/opus: that is asked for
// first, and made from webm where a browser records only that. A browser that can do
// neither sends mp4, and says so in the type.
import { oggFromWebm } from '../logic/ogg';

const WANTED = ['audio/ogg;codecs=opus', 'audio/webm;codecs=opus', 'audio/mp4'];
const NAMES: Record<string, string> = { 'audio/ogg': 'voice.ogg', 'audio/webm': 'voice.webm', 'audio/mp4': 'voice.m4a' };

export interface Recording {
  /** Ends the recording; the file is null when nothing was recorded. */
  finish(): Promise<File | null>;
  cancel(): void;
}

/** Starts recording, or throws a sentence that says why not and what to do. */
export async function record(): Promise<Recording> {
  const devices: MediaDevices | undefined = navigator.mediaDevices;
  if (devices === undefined || typeof MediaRecorder === 'undefined') {
    throw new Error('This browser cannot record here. Choose “Voice note from a file” under the paper clip.');
  }
  const stream = await devices.getUserMedia({ audio: { channelCount: 1 } }).catch((error: unknown) => {
    throw new Error(refusal(error));
  });
  const mimeType = WANTED.find((type) => MediaRecorder.isTypeSupported(type));
  const recorder = new MediaRecorder(stream, mimeType === undefined ? {} : { mimeType, audioBitsPerSecond: 24_000 });
  const parts: Blob[] = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  recorder.start();
  const release = () => stream.getTracks().forEach((track) => track.stop());

  return {
    finish: () =>
      new Promise((resolve) => {
        recorder.onstop = () => {
          release();
          resolve(toFile(parts, recorder.mimeType));
        };
        recorder.stop();
      }),
    cancel: () => {
      recorder.onstop = null;
      recorder.stop();
      release();
    },
  };
}

async function toFile(parts: Blob[], mimeType: string): Promise<File | null> {
  const blob = new Blob(parts, { type: mimeType });
  const essence = mimeType.split(';')[0] ?? '';
  if (blob.size === 0) return null;
  const ogg = essence === 'audio/webm' ? oggFromWebm(new Uint8Array(await blob.arrayBuffer())) : null;
  if (ogg !== null) return new File([ogg], 'voice.ogg', { type: 'audio/ogg; codecs=opus' });
  return new File([blob], NAMES[essence] ?? 'voice', { type: mimeType });
}

function refusal(error: unknown): string {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotFoundError') return 'No microphone was found. Plug one in, or choose “Voice note from a file” under the paper clip.';
  return 'The browser did not allow the microphone. Allow it for this address, or choose “Voice note from a file” under the paper clip.';
}
