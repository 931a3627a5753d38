/** How an outcome looks. The contrast of text to ground is at least 7:1, as a test computes. */
import {
  IconAlertTriangleFilled,
  IconArrowBackUp,
  IconBarcodeOff,
  IconCircleCheckFilled,
  IconCircleXFilled,
  IconHandStop,
  IconHelpHexagonFilled,
  IconHourglass,
  IconId,
  IconInbox,
  IconPlugConnectedX,
} from "@tabler/icons-react";
import type { ComponentType } from "react";
import type { OutcomeKind } from "./session/session";

export interface Look {
  readonly ground: string;
  readonly text: string;
  readonly icon: ComponentType<{ size?: number; stroke?: number; "aria-hidden"?: boolean }>;
}

const GREEN = { ground: "#0f4a2c", text: "#ffffff" };
const BLUE = { ground: "#123c73", text: "#ffffff" };
const AMBER = { ground: "#ffc940", text: "#231a00" };
const RED = { ground: "#8a1220", text: "#ffffff" };
const SLATE = { ground: "#33404d", text: "#ffffff" };
const PAPER = { ground: "#eef2f6", text: "#2a3540" };

export const LOOKS: Readonly<Record<OutcomeKind, Look>> = {
  waiting: { ...PAPER, icon: IconHourglass },
  patron: { ...SLATE, icon: IconId },
  done: { ...GREEN, icon: IconCircleCheckFilled },
  undone: { ...SLATE, icon: IconArrowBackUp },
  queued: { ...BLUE, icon: IconInbox },
  warned: { ...AMBER, icon: IconAlertTriangleFilled },
  question: { ...AMBER, icon: IconHelpHexagonFilled },
  "needs-patron": { ...AMBER, icon: IconId },
  "not-understood": { ...RED, icon: IconBarcodeOff },
  refused: { ...RED, icon: IconCircleXFilled },
  failed: { ...RED, icon: IconPlugConnectedX },
  "not-taken": { ...RED, icon: IconHandStop },
};

/** The contrast ratio of two colours such as `#0f4a2c`, as WCAG 2 defines it: 1 to 21. */
export function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((from) => {
    const part = Number.parseInt(colour.slice(from, from + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
