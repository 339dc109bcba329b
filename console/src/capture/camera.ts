// The phone's rear camera and its torch.

export type NoCamera = 'denied' | 'missing';

export interface Camera {
  stream: MediaStream;
  /** Null when the camera has no torch; answers what the torch really does now. */
  torch: ((on: boolean) => Promise<boolean>) | null;
  stop: () => void;
}

/** As fine as the camera goes; one that cannot gives what it has. */
const WANTED: MediaStreamConstraints = {
  audio: false,
  video: { facingMode: { ideal: 'environment' }, width: { ideal: 3840 }, height: { ideal: 2160 }, frameRate: { ideal: 30 } },
};

export async function openCamera(): Promise<Camera | NoCamera> {
  // Absent on plain HTTP and inside some apps' own browsers, whatever the types say.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices?.getUserMedia) return 'missing';
  try {
    const stream = await devices.getUserMedia(WANTED);
    const track = stream.getVideoTracks()[0];
    if (!track) return 'missing';
    return { stream, torch: torchOf(track), stop: () => stream.getTracks().forEach((each) => each.stop()) };
  } catch (error) {
    const name = error instanceof DOMException ? error.name : '';
    return name === 'NotAllowedError' || name === 'SecurityError' ? 'denied' : 'missing';
  }
}

/** `torch` is of the Image Capture draft, which TypeScript's DOM does not know. */
type WithTorch<T> = T & { torch?: boolean };

function torchOf(track: MediaStreamTrack): Camera['torch'] {
  const can: WithTorch<MediaTrackCapabilities> = track.getCapabilities?.() ?? {};
  if (!can.torch) return null;
  return async (on) => {
    const set: WithTorch<MediaTrackConstraintSet> = { torch: on };
    try {
      await track.applyConstraints({ advanced: [set] });
      return on;
    } catch {
      return false;
    }
  };
}
