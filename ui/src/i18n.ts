/** Which language the screens speak. Vietnamese unless the person chose otherwise at this desk. */
import { i18n } from "@lingui/core";
import { useLingui } from "@lingui/react";
import { messages as en } from "./locales/en.po";
import { messages as vi } from "./locales/vi.po";
import type { Message } from "./platform/desk";
import { recall, remember } from "./settings";

export const LANGUAGES = ["vi", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

const SETTING = "language";

function isLanguage(text: string | null): text is Language {
  return LANGUAGES.some((language) => language === text);
}

/** Loads the catalogues and speaks the language chosen last. */
export function startLanguages(): void {
  i18n.load({ vi, en });
  const chosen = recall(SETTING);
  speak(isLanguage(chosen) ? chosen : "vi");
}

/** Speaks this language from now on, also after the next start. */
export function speak(language: Language): void {
  i18n.activate(language);
  document.documentElement.lang = language;
  remember(SETTING, language);
}

/** The language spoken now, and the sentence of a message in it. */
export function useLanguage(): { language: Language; say: (message: Message) => string } {
  const { i18n: spoken } = useLingui();
  const language = isLanguage(spoken.locale) ? spoken.locale : "vi";
  return { language, say: (message) => message[language] };
}
