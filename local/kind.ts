import type { Say } from "./progress";
export const provideKind = async (say: Say) => Promise.resolve(say("kind"));
export const startKind = async (say: Say) => Promise.resolve(say("kind"));
export const stopKind = async (say: Say) => Promise.resolve(say("kind"));
export const loadIntoKind = async (tag: string) => Promise.resolve(tag === "");
