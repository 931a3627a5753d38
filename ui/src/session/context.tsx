import { createContext, useContext, useSyncExternalStore } from "react";
import type { Session } from "./session";
import type { SessionStore } from "./store";

const SessionContext = createContext<SessionStore | null>(null);

export const SessionProvider = SessionContext.Provider;

/** The store, for doing something. */
export function useSessionStore(): SessionStore {
  const store = useContext(SessionContext);
  if (!store) {
    throw new Error("useSessionStore needs a SessionProvider above it");
  }
  return store;
}

/** The session as it is now. */
export function useSession(): Session {
  const store = useSessionStore();
  return useSyncExternalStore(store.subscribe, store.session);
}

/** What the scan box holds now. */
export function useBox(): string {
  const store = useSessionStore();
  return useSyncExternalStore(store.subscribe, store.box);
}

/** Whether the sounds are muted. */
export function useMuted(): boolean {
  const tones = useSessionStore().tones();
  return useSyncExternalStore(tones.subscribe, () => tones.muted);
}
