import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useState } from "react";
import { type Desk, DeskError, DeskProvider } from "./platform/desk";
import { makeRouter } from "./router";
import { SessionProvider } from "./session/context";
import { SessionStore } from "./session/store";
import { Tones } from "./session/tones";
import { theme, variables } from "./theme";

/** Questions that failed in a way that the desk has no words for are asked once more. */
const RETRIES_MAX = 1;

function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // The desk answers from its own disk and says when something changed.
        networkMode: "always",
        refetchOnWindowFocus: false,
        retry: (count, error) => !(error instanceof DeskError) && count < RETRIES_MAX,
      },
      mutations: { networkMode: "always" },
    },
  });
}

/** The application for this desk. */
export function App({ desk }: { desk: Desk }) {
  const [client] = useState(makeQueryClient);
  const [store] = useState(() => new SessionStore(desk, new Tones()));
  const [router] = useState(makeRouter);
  return (
    <I18nProvider i18n={i18n}>
      <MantineProvider theme={theme} cssVariablesResolver={variables} forceColorScheme="light">
        <QueryClientProvider client={client}>
          <DeskProvider value={desk}>
            <SessionProvider value={store}>
              <RouterProvider router={router} />
            </SessionProvider>
          </DeskProvider>
        </QueryClientProvider>
      </MantineProvider>
    </I18nProvider>
  );
}
