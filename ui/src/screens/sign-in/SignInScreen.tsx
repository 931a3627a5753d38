import { valibotResolver } from "@hookform/resolvers/valibot";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Center, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type KeyboardEvent, useState } from "react";
import { useForm } from "react-hook-form";
import * as v from "valibot";
import { Card } from "../../components/Card";
import { ErrorNotice, Notice } from "../../components/Notice";
import type { DeskStatus } from "../../platform/desk";
import { useDeed } from "../../queries";
import { Welcome } from "../shell/Shell";

/** The length of a login's column, and of the longest password that a site takes. */
const LOGIN_CHARS_MAX = 64;
const PASSWORD_CHARS_MAX = 128;

const SignIn = v.object({
  login: v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(LOGIN_CHARS_MAX)),
  password: v.pipe(v.string(), v.nonEmpty(), v.maxLength(PASSWORD_CHARS_MAX)),
});

/** Who works at the desk. Says when the site is away and what that means for signing in. */
export function SignInScreen({ desk }: { desk: DeskStatus }) {
  const { t } = useLingui();
  const [caps, setCaps] = useState(false);
  const signIn = useDeed((to, ask: v.InferOutput<typeof SignIn>) =>
    to.signIn(ask.login, ask.password),
  );
  const form = useForm({
    resolver: valibotResolver(SignIn),
    defaultValues: { login: "", password: "" },
  });
  const { errors } = form.formState;
  // Logins and passwords are ASCII: a letter such as đ means that an input method is on.
  const composed = /[^\u0020-\u007e]/.test(form.watch("password") + form.watch("login"));
  const noteCaps = (event: KeyboardEvent) => setCaps(event.getModifierState("CapsLock"));
  const offline = desk.site.state === "unreachable";
  const submit = form.handleSubmit((ask) =>
    signIn.mutate(ask, {
      onError: () => {
        form.resetField("password");
        form.setFocus("password");
      },
    }),
  );
  return (
    <Center mih="100%" p="lg">
      <Card w={520} p="xl" data-testid="sign-in-screen">
        <Welcome />
        <form onSubmit={submit}>
          <Stack>
            <Title order={1} size={24}>
              <Trans>Sign in</Trans>
            </Title>
            {offline && (
              <Notice kind="attention" data-testid="sign-in-offline">
                <Trans>
                  The site cannot be reached. Whoever has signed in at this desk before can sign in
                  and go on lending; everything is written down and sent later.
                </Trans>
              </Notice>
            )}
            {desk.waiting_for_sign_in && (
              <Notice kind="info" data-testid="sign-in-waiting">
                <Trans>
                  Scans are waiting to be sent. They go as soon as a librarian has signed in.
                </Trans>
              </Notice>
            )}
            <TextInput
              size="md"
              label={t`Login`}
              autoFocus
              autoComplete="username"
              autoCapitalize="none"
              maxLength={LOGIN_CHARS_MAX}
              error={errors.login && t`Type your login.`}
              onKeyUp={noteCaps}
              data-testid="sign-in-login"
              {...form.register("login")}
            />
            <PasswordInput
              size="md"
              label={t`Password`}
              autoComplete="current-password"
              maxLength={PASSWORD_CHARS_MAX}
              error={errors.password && t`Type your password.`}
              onKeyUp={noteCaps}
              visibilityToggleButtonProps={{ "aria-label": t`Show the password` }}
              data-testid="sign-in-password"
              {...form.register("password")}
            />
            {caps && (
              <Notice kind="attention" data-testid="caps-lock">
                <Trans>Caps Lock is on.</Trans>
              </Notice>
            )}
            {composed && (
              <Notice kind="attention" data-testid="input-method">
                <Trans>
                  A letter with a mark was typed: the Vietnamese input method is on. Switch it off
                  for the login and the password.
                </Trans>
              </Notice>
            )}
            <ErrorNotice error={signIn.error} />
            <Button type="submit" size="md" loading={signIn.isPending} data-testid="sign-in-submit">
              <Trans>Sign in</Trans>
            </Button>
            <Text size="sm" c="dimmed">
              <Trans>
                Forgotten the password? A manager of the network can set a new one at the site.
              </Trans>
            </Text>
            <Link to="/network" data-testid="open-network">
              <Trans>The site cannot be reached? Look at the network</Trans>
            </Link>
          </Stack>
        </form>
      </Card>
    </Center>
  );
}
