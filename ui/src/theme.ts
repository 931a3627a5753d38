import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const ink: MantineColorsTuple = [
  "#eaf2fb",
  "#d3e2f4",
  "#a5c4e8",
  "#74a4dc",
  "#4d89d2",
  "#3578cc",
  "#1f5ea8",
  "#154b8b",
  "#0f3b70",
  "#0a2c56",
];

export const theme = createTheme({
  colors: { ink },
  primaryColor: "ink",
  primaryShade: 7,
  fontFamily: '"Be Vietnam Pro", system-ui, sans-serif',
  headings: { fontFamily: '"Be Vietnam Pro", system-ui, sans-serif', fontWeight: "600" },
  fontSizes: { xs: "13px", sm: "15px", md: "16px", lg: "18px", xl: "22px" },
  defaultRadius: "md",
  cursorType: "pointer",
  focusRing: "auto",
  components: {
    Button: { defaultProps: { size: "sm" } },
    TextInput: { defaultProps: { autoComplete: "off", spellCheck: false } },
    Modal: { defaultProps: { transitionProps: { duration: 0 }, centered: true } },
  },
});

/** Colours that carry a meaning, each at least 4.5:1 as text on white and under white text. */
export const SENSE = {
  good: "#176b33",
  bad: "#a3151f",
  attention: "#7a4b00",
  moved: "#5b2e91",
  gone: "#3f4a54",
} as const;

/** Mantine's grey for lesser text is too pale to read at a desk in daylight. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#4a5763",
    "--mantine-color-placeholder": "#66727e",
    "--mantine-color-text": "#17212b",
    "--mantine-color-error": SENSE.bad,
  },
  dark: {},
});
