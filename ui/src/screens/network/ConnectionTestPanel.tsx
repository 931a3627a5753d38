import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { IconPlugConnected } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { ErrorNotice, Notice } from "../../components/Notice";
import { useLanguage } from "../../i18n";
import type { ConnectionTest, SiteEntry } from "../../platform/desk";
import { useDeed } from "../../queries";
import { Stages } from "./Stages";

/** The length of a login's column, and of the longest password that a site takes. */
const LOGIN_CHARS_MAX = 64;
const PASSWORD_CHARS_MAX = 128;

interface Trial {
  readonly entry: SiteEntry;
  readonly login: string | null;
  readonly password: string | null;
}

/** Tries the connection as the form has it now; what is typed here is kept nowhere. */
export function ConnectionTestPanel(props: {
  /** The entry to try, or nothing where a field is wrong; then the form shows which. */
  entry: () => Promise<SiteEntry | null>;
}) {
  const { t } = useLingui();
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const trial = useDeed((desk, ask: Trial) => desk.networkTest(ask.entry, ask.login, ask.password));
  const run = async () => {
    trial.reset();
    const entry = await props.entry();
    if (entry) {
      const who = login.trim() === "" ? { login: null, password: null } : { login, password };
      trial.mutate({ entry, ...who });
    }
  };
  const onEnter = (event: KeyboardEvent) => {
    if (event.key === "Enter") {
      // Here it means to try, not to save.
      event.preventDefault();
      void run();
    }
  };
  return (
    <Stack gap="sm" component="section" aria-label={t`Try the connection`}>
      <Title order={2} size={18}>
        <Trans>Try the connection</Trans>
      </Title>
      <Text size="sm" c="dimmed">
        <Trans>
          Without a login only the line and the certificate are tried. A login is used for this try
          and not kept.
        </Trans>
      </Text>
      <Group align="flex-end" grow preventGrowOverflow={false} wrap="wrap">
        <TextInput
          label={t`Login`}
          autoCapitalize="none"
          maxLength={LOGIN_CHARS_MAX}
          value={login}
          onChange={(event) => setLogin(event.currentTarget.value)}
          onKeyDown={onEnter}
          data-testid="network-login"
        />
        <PasswordInput
          label={t`Password`}
          autoComplete="off"
          maxLength={PASSWORD_CHARS_MAX}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          onKeyDown={onEnter}
          visibilityToggleButtonProps={{ "aria-label": t`Show the password` }}
          data-testid="network-password"
        />
        <Button
          variant="default"
          leftSection={<IconPlugConnected size={18} aria-hidden />}
          loading={trial.isPending}
          onClick={() => void run()}
          data-testid="network-test"
        >
          <Trans>Try it</Trans>
        </Button>
      </Group>
      <ErrorNotice error={trial.error} />
      {trial.data && <Found result={trial.data} />}
    </Stack>
  );
}

function Found({ result }: { result: ConnectionTest }) {
  const { say } = useLanguage();
  const shown = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // On a low screen it would come up below what is seen.
    shown.current?.scrollIntoView({ block: "nearest" });
  }, []);
  return (
    <Stack ref={shown} gap="xs" data-testid="network-found" data-code={result.message.code}>
      {result.diagnosis && <Stages diagnosis={result.diagnosis} isFine={result.fine} />}
      <Notice kind={result.fine ? "info" : "error"}>{say(result.message)}</Notice>
      {result.warning && <Notice kind="attention">{say(result.warning)}</Notice>}
    </Stack>
  );
}
