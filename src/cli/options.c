/* SPDX-License-Identifier: MIT */
/*
 * argv by the tables. Two passes: the first only looks for the command, because the options in
 * front of it may be its own (`composemerge -o out.yml merge`); the second reads everything with
 * that command's table.
 */

#include "options.h"

#include <stdint.h>
#include <string.h>

#include "command.h"

enum { COMMANDS_AT_MOST = 32 };

struct parser {
	struct cm_cli *cli;
	char **argv;
	int argc, at; /* at: the word being read */
	int command;  /* where the command stands; 0: nowhere */
	bool failed;  /* reported once */
};

/* An option, and where its value goes. */
struct slot {
	const struct cm_option *option;
	void *value;
};

bool cm_word_is_file(const char *word)
{
	return strpbrk(word, "./,") != NULL || strcmp(word, "-") == 0;
}

static bool is_word(const char *arg)
{
	return arg[0] != '-' || arg[1] == '\0';
}

static bool is_named(const struct cm_option *o, const char *name, size_t n)
{
	return strlen(o->name) == n && memcmp(o->name, name, n) == 0;
}

/* The row with this letter, or else (letter 0) this name. */
static const struct cm_option *find_row(const struct cm_option *rows, char letter, const char *name,
	size_t n)
{
	for (const struct cm_option *o = rows; o && o->name; o++)
		if (letter ? o->letter == letter : is_named(o, name, n))
			return o;
	return NULL;
}

static struct slot find(const struct cm_cli *cli, char letter, const char *name, size_t n)
{
	for (const struct cm_option_set *set = cli->sets; set->rows; set++) {
		const struct cm_option *o = find_row(set->rows, letter, name, n);

		if (o)
			return (struct slot){o, (char *)set->settings + o->at};
	}
	return (struct slot){NULL, NULL};
}

/* First pass: any command's options. */

static const struct cm_option *find_anywhere(const struct cm_cli *cli, char letter,
	const char *name, size_t n)
{
	const struct cm_option *o = find(cli, letter, name, n).option;

	for (size_t i = 0; !o && cm_commands[i]; i++)
		o = find_row(cm_commands[i]->options, letter, name, n);
	return o;
}

/* How many words an option takes: "-o", "-vo", "--output" 2, "-v", "-ofile", "--output=file" 1;
 * unknown 0. */
static int words_of(const struct cm_cli *cli, const char *arg)
{
	const struct cm_option *o;
	size_t n;

	if (arg[1] == '-') {
		n = strcspn(arg + 2, "=");
		o = find_anywhere(cli, 0, arg + 2, n);
		return o ? (o->argument && arg[2 + n] == '\0') + 1 : 0;
	}
	if (arg[2] && find_anywhere(cli, 0, arg + 1, strcspn(arg + 1, "=")))
		return 0; /* "-output": a fault to report */
	for (const char *c = arg + 1; *c; c++) {
		o = find_anywhere(cli, *c, NULL, 0);
		if (!o || o->argument)
			return o ? (c[1] == '\0') + 1 : 0;
	}
	return 1;
}

static const struct cm_command *command_named(const char *name)
{
	for (size_t i = 0; cm_commands[i]; i++)
		if (strcmp(cm_commands[i]->name, name) == 0)
			return cm_commands[i];
	return NULL;
}

/* The first word that is no option, or 0. Behind an unknown option it may be that one's value: not
 * sure. */
static int first_word(const struct cm_cli *cli, int argc, char **argv, bool *sure)
{
	*sure = true;
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		int words;

		if (is_word(argv[i]))
			return i;
		words = words_of(cli, argv[i]);
		*sure = *sure && words > 0;
		i += words == 2;
	}
	return 0;
}

/* Faults. */

/* One usage error is enough: later ones often follow from it. */
static bool first_fault(struct parser *ps)
{
	bool first = !ps->failed;

	ps->failed = true;
	return first;
}

/* "help" may have been meant as --help, "mrge" as merge. */
static void unknown_command(struct parser *ps, const char *word)
{
	const char *list[COMMANDS_AT_MOST + 1] = {NULL};
	const char *otherwise = ": composemerge --help lists them; a file of that name is ./NAME";

	if (!first_fault(ps))
		return;
	if (find(ps->cli, 0, word, strlen(word)).option)
		otherwise = cm_cli_format(ps->cli, ": did you mean '--%s'?", word);
	for (size_t n = 0; cm_commands[n] && n < COMMANDS_AT_MOST; n++)
		list[n] = cm_commands[n]->name;
	cm_cli_usage(ps->cli, "unknown command '%s'%s", word,
		cm_cli_did_you_mean(ps->cli, word, list, "", otherwise));
}

static const char **all_names(struct cm_cli *cli)
{
	struct cm_words names = {0};

	for (const struct cm_option_set *set = cli->sets; set->rows; set++)
		for (const struct cm_option *o = set->rows; o->name; o++)
			cm_words_add(cli, &names, o->name);
	return cm_words_add(cli, &names, NULL) ? names.p : NULL;
}

static void unknown_long(struct parser *ps, const char *name, size_t n)
{
	struct cm_cli *cli = ps->cli;
	const char **names = first_fault(ps) ? all_names(cli) : NULL;
	const char *word = names ? cm_cli_format(cli, "%.*s", (int)n, name) : NULL;

	if (!word)
		return;
	cm_cli_usage(cli, "unknown option '--%s'%s", word,
		cm_cli_did_you_mean(cli, word, names, "--",
			cm_cli_format(cli, ": composemerge %s --help lists the options",
			cli->command->name)));
}

/* Letters outside ASCII are several bytes: the rest of the word is shown. */
static void unknown_letter(struct parser *ps, const char *letters)
{
	int shown = (unsigned char)*letters < 0x80 ? 1 : (int)strlen(letters);

	if (first_fault(ps))
		cm_cli_usage(ps->cli,
			"unknown option '-%.*s': composemerge %s --help lists the options", shown,
			letters,
			ps->cli->command->name);
}

/* Values. shown is the option as the user wrote it. */

static void set_choice(struct parser *ps, const struct cm_option *o, unsigned *value,
	const char *shown, const char *text)
{
	struct cm_cli *cli = ps->cli;
	const char *all = "", *before;
	unsigned i = 0;

	for (; o->choices[i]; i++) {
		if (strcmp(o->choices[i], text) == 0) {
			*value = i;
			return;
		}
		before = i == 0 ? "" : o->choices[i + 1] ? ", " : " or ";
		if (all)
			all = cm_cli_format(cli, "%s%s%s", all, before, o->choices[i]);
	}
	if (all && first_fault(ps))
		cm_cli_usage(cli, "'%s' takes %s, not '%s'%s", shown, all, text,
			cm_cli_did_you_mean(cli, text, o->choices, "", ""));
}

/* "123", "64K", "1M", "2G". */
static bool read_number(const char *text, uint64_t *value)
{
	static const char units[] = "KMG";
	const char *unit;
	uint64_t n = 0;

	if (*text < '0' || *text > '9')
		return false;
	for (; *text >= '0' && *text <= '9'; text++) {
		if (n > (UINT64_MAX - (uint64_t)(*text - '0')) / 10)
			return false;
		n = n * 10 + (uint64_t)(*text - '0');
	}
	unit = *text ? strchr(units, *text) : NULL;
	for (const char *u = units; unit && u <= unit; u++) {
		if (n > UINT64_MAX / 1024)
			return false;
		n *= 1024;
	}
	*value = n;
	return text[unit ? 1 : 0] == '\0';
}

static void set_number(struct parser *ps, uint64_t *value, const char *shown, const char *text)
{
	if (!read_number(text, value) && first_fault(ps))
		cm_cli_usage(ps->cli,
			"'%s' takes a whole number such as 1000, 64K, 10M or 2G, not '%s'", shown,
			text);
}

static void set_value(struct parser *ps, struct slot slot, const char *shown, const char *text)
{
	switch (slot.option->kind) {
	case CM_OPTION_FLAG:
		*(bool *)slot.value = true;
		break;
	case CM_OPTION_TEXT:
		*(const char **)slot.value = text;
		break;
	case CM_OPTION_LIST:
		cm_words_add(ps->cli, slot.value, text);
		break;
	case CM_OPTION_CHOICE:
		set_choice(ps, slot.option, slot.value, shown, text);
		break;
	case CM_OPTION_NUMBER:
		set_number(ps, slot.value, shown, text);
		break;
	}
}

/* An option whose value is the rest of its word, or else the next word. */
static void read_argument(struct parser *ps, struct slot slot, const char *shown, const char *rest)
{
	if (!rest && ps->at + 1 < ps->argc)
		rest = ps->argv[++ps->at];
	if (rest)
		set_value(ps, slot, shown, rest);
	else if (first_fault(ps))
		cm_cli_usage(ps->cli, "'%s' needs a value: %s %s", shown, shown,
			slot.option->argument);
}

static void read_long(struct parser *ps, const char *name)
{
	size_t n = strcspn(name, "=");
	const char *rest = name[n] ? name + n + 1 : NULL;
	struct slot slot = find(ps->cli, 0, name, n);
	const char *shown;

	if (!slot.option) {
		unknown_long(ps, name, n);
		return;
	}
	shown = cm_cli_format(ps->cli, "--%s", slot.option->name);
	if (!shown)
		return;
	if (slot.option->argument)
		read_argument(ps, slot, shown, rest);
	else if (!rest)
		set_value(ps, slot, shown, NULL);
	else if (first_fault(ps))
		cm_cli_usage(ps->cli, "'%s' takes no value, but '%s' was given", shown, rest);
}

/* "-output" would be -o with "utput": whoever writes a whole long name meant the long option. */
static bool is_long_with_one_dash(struct parser *ps, const char *letters)
{
	size_t n = strcspn(letters, "=");

	if (n < 2 || !find(ps->cli, 0, letters, n).option)
		return false;
	if (first_fault(ps))
		cm_cli_usage(ps->cli, "'-%.*s' needs two dashes: --%s", (int)n, letters, letters);
	return true;
}

/* "-v", "-vq", "-fFILE", "-vf FILE". */
static void read_letters(struct parser *ps, const char *letters)
{
	if (is_long_with_one_dash(ps, letters))
		return;
	for (; *letters; letters++) {
		struct slot slot = find(ps->cli, *letters, NULL, 0);
		const char shown[] = {'-', *letters, '\0'};

		if (!slot.option) {
			unknown_letter(ps, letters);
			return;
		}
		if (slot.option->argument) {
			read_argument(ps, slot, shown, letters[1] ? letters + 1 : NULL);
			return;
		}
		set_value(ps, slot, shown, NULL);
	}
}

static void read_all(struct parser *ps)
{
	bool options = true;

	for (ps->at = 1; ps->at < ps->argc; ps->at++) {
		const char *arg = ps->argv[ps->at];

		if (ps->at == ps->command)
			continue;
		if (options && strcmp(arg, "--") == 0)
			options = false;
		else if (!options || is_word(arg))
			cm_words_add(ps->cli, &ps->cli->words, arg);
		else if (arg[1] == '-')
			read_long(ps, arg + 2);
		else
			read_letters(ps, arg + 1);
	}
}

/* The command's table joins the others. */
static bool choose_command(struct cm_cli *cli, const struct cm_command *command)
{
	cli->command = command;
	cli->own = cm_cli_alloc(cli, command->size);
	cli->sets[0] = (struct cm_option_set){cm_file_options, &cli->set};
	cli->sets[1] = (struct cm_option_set){command->options, cli->own};
	cli->sets[2] = (struct cm_option_set){cm_global_options, &cli->set};
	cli->sets[3] = (struct cm_option_set){cli->limits.rows, cli->limits.value};
	return cli->own != NULL;
}

enum cm_status cm_options_parse(struct cm_cli *cli, int argc, char **argv)
{
	struct parser ps = {.cli = cli, .argv = argv, .argc = argc};
	const struct cm_command *command;
	bool sure;
	int word;

	if (!choose_command(cli, cm_commands[0]))
		return CM_NOMEM;
	word = first_word(cli, argc, argv, &sure);
	command = word ? command_named(argv[word]) : NULL;
	if (command) {
		ps.command = word;
		cli->command_named = true;
		if (!choose_command(cli, command))
			return CM_NOMEM;
	} else if (word && sure && !cm_word_is_file(argv[word])) {
		unknown_command(&ps, argv[word]);
	}
	read_all(&ps);
	if (cli->no_memory)
		return CM_NOMEM;
	return ps.failed ? CM_FAILED : CM_OK;
}
