import { valibotResolver } from "@hookform/resolvers/valibot";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Center, NativeSelect, Stack, Text, TextInput, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useForm } from "react-hook-form";
import * as v from "valibot";
import { Card } from "../../components/Card";
import { ErrorNotice } from "../../components/Notice";
import type { BranchChoice } from "../../platform/desk";
import { useDeed } from "../../queries";
import { Welcome } from "../shell/Shell";

/** Characters of a desk's name at most. */
const NAME_CHARS_MAX = 60;

const Enrolment = v.object({
  branch: v.pipe(v.string(), v.nonEmpty()),
  name: v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(NAME_CHARS_MAX)),
});

/** The first run: where this desk stands and what people call it. */
export function EnrolScreen({ branches }: { branches: readonly BranchChoice[] }) {
  const { t } = useLingui();
  const enrol = useDeed((desk, ask: v.InferOutput<typeof Enrolment>) =>
    desk.enrol(ask.branch, ask.name),
  );
  const form = useForm({
    resolver: valibotResolver(Enrolment),
    defaultValues: { branch: "", name: "" },
  });
  const { errors } = form.formState;
  return (
    <Center mih="100%" p="lg">
      <Card w={560} p="xl" data-testid="enrol-screen">
        <Welcome />
        <form onSubmit={form.handleSubmit((ask) => enrol.mutate(ask))}>
          <Stack>
            <Title order={1} size={24}>
              <Trans>Set up this desk</Trans>
            </Title>
            <Text>
              <Trans>
                This is the first start on this computer. Say where the desk stands; everything lent
                here belongs to that branch.
              </Trans>
            </Text>
            <NativeSelect
              size="md"
              autoFocus
              label={t`Branch`}
              data={[
                { value: "", label: t`Choose a branch` },
                ...branches.map(({ code, name }) => ({ value: code, label: `${name} (${code})` })),
              ]}
              error={errors.branch && t`Choose the branch where this desk stands.`}
              data-testid="enrol-branch"
              {...form.register("branch")}
            />
            <TextInput
              size="md"
              label={t`Name of the desk`}
              description={t`Such as: Desk 1, ground floor`}
              maxLength={NAME_CHARS_MAX}
              error={errors.name && t`Give the desk a name that people here know it by.`}
              data-testid="enrol-name"
              {...form.register("name")}
            />
            <ErrorNotice error={enrol.error} />
            <Button type="submit" size="md" loading={enrol.isPending} data-testid="enrol-submit">
              <Trans>Set up this desk</Trans>
            </Button>
            <Link to="/network" data-testid="open-network">
              <Trans>The branch is not in the list: look at the network</Trans>
            </Link>
          </Stack>
        </form>
      </Card>
    </Center>
  );
}
