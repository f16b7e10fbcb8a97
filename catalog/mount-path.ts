/** What Linux or the image keeps there; who mounts something over it takes it away. */
const kept = /^\/(?:bin|boot|dev|etc|lib|lib32|lib64|proc|run|sbin|sys|usr|var|var\/run)$/;
/** What the kernel or Kubernetes shows there. */
const within = /^\/(?:dev|proc|sys|var\/run\/secrets|run\/secrets)(?:\/|$)/;
const plain = /^(?:\/(?!\.\.?(?:\/|$))[^/:\0\s]+)+$/;

/** The one place in /dev where programs share memory. */
export const sharedMemory = "/dev/shm";

/** Whether a path is absolute and spelt in the one way that all programs read alike. */
export function isPlainPath(path: string): boolean {
  return plain.test(path);
}

/** Whether something may be mounted at the path. */
export function isMountPath(path: string): boolean {
  if (path === sharedMemory) return true;
  return path.length <= 1024 && isPlainPath(path) && !kept.test(path) && !within.test(path);
}

/** The path as it is plainly spelt: absolute, without "." and empty parts. */
export function plainPath(path: string): string {
  return `/${path
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/")}`;
}

/** Whether a path is, or is in, what is mounted at another. */
export function holds(mountPath: string, path: string): boolean {
  return path === mountPath || path.startsWith(`${mountPath}/`);
}
