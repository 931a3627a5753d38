import { valibotResolver } from "@hookform/resolvers/valibot";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, SimpleGrid, Stack, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { useForm } from "react-hook-form";
import * as v from "valibot";
import { Dialog } from "../../components/Dialog";
import { ErrorNotice } from "../../components/Notice";
import type { Title } from "../../platform/desk";
import { TAKES_SCANS } from "../shell/ScanRouting";

const text = (chars_max: number) => v.pipe(v.string(), v.trim(), v.maxLength(chars_max));

/** Characters are those of the columns. */
const TitleFields = v.object({
  key: v.pipe(v.string(), v.trim(), v.regex(/^[\x20-\x7e]{1,20}$/)),
  name: v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(255)),
  author: text(255),
  publisher: text(255),
  year: v.pipe(
    v.string(),
    v.trim(),
    v.regex(/^\d{0,4}$/),
    v.transform((year) => (year === "" ? null : Number(year))),
  ),
  ddc: text(50),
  language: text(10),
});

type Fields = v.InferInput<typeof TitleFields>;

function fieldsOf(title: Title | null): Fields {
  return {
    key: title?.key ?? "",
    name: title?.name ?? "",
    author: title?.author ?? "",
    publisher: title?.publisher ?? "",
    year: String(title?.year ?? ""),
    ddc: title?.ddc ?? "",
    language: title?.language ?? "",
  };
}

/** What a title is to be, at every site. */
export function TitleForm(props: {
  title: Title | null;
  busy: boolean;
  error: unknown;
  onSave: (title: Title) => void;
  onClose: () => void;
  /** What else can be done with it. */
  more?: ReactNode;
}) {
  const { t } = useLingui();
  const { title } = props;
  const form = useForm({
    resolver: valibotResolver(TitleFields),
    defaultValues: fieldsOf(title),
  });
  const { errors } = form.formState;
  const upTo255 = t`Up to 255 characters.`;
  return (
    <Dialog
      title={title ? <Trans>Change {title.name}</Trans> : <Trans>New title</Trans>}
      onClose={props.onClose}
      size="xl"
      data-testid="title-form"
    >
      <form onSubmit={form.handleSubmit(props.onSave)}>
        <Stack>
          <TextInput
            label={t`ISBN, or a key of your own`}
            disabled={title !== null}
            error={errors.key && t`Up to 20 letters and digits without marks.`}
            data-autofocus={title === null || undefined}
            data-testid="title-key"
            {...TAKES_SCANS}
            {...form.register("key")}
          />
          <TextInput
            label={t`Title`}
            error={errors.name && t`Type the title, up to 255 characters.`}
            data-autofocus={title !== null || undefined}
            data-testid="title-name"
            {...form.register("name")}
          />
          <TextInput
            label={t`Author`}
            error={errors.author && upTo255}
            data-testid="title-author"
            {...form.register("author")}
          />
          <SimpleGrid cols={2}>
            <TextInput
              label={t`Publisher`}
              error={errors.publisher && upTo255}
              {...form.register("publisher")}
            />
            <TextInput
              label={t`Year`}
              inputMode="numeric"
              error={errors.year && t`Four digits, or nothing.`}
              {...form.register("year")}
            />
            <TextInput
              label={t`Dewey class`}
              error={errors.ddc && t`Up to 50 characters.`}
              {...form.register("ddc")}
            />
            <TextInput
              label={t`Language`}
              description={t`Three letters, such as vie`}
              error={errors.language && t`Up to 10 characters.`}
              {...form.register("language")}
            />
          </SimpleGrid>
          <ErrorNotice error={props.error} />
          <Group justify="space-between">
            {props.more ?? <span />}
            <Group>
              <Button variant="default" onClick={props.onClose}>
                <Trans>Cancel</Trans>
              </Button>
              <Button type="submit" loading={props.busy} data-testid="title-save">
                <Trans>Save at all sites</Trans>
              </Button>
            </Group>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
