/*
 * A host process with many logins, one after the other, that keeps nothing of them itself: what is
 * found in its memory afterwards was left there by libpam or by the module.
 *
 *   pam-host CONFDIR [stop | ADDRESS]
 *
 * Standard input has a login a line: service, user, password and code, with a tab after each but the
 * last. After each, with pam_end(3) behind it, it prints the result, its resident memory in KiB, how
 * many descriptors, threads and mappings it has, and the microseconds from the last answer to the end of
 * pam_authenticate(3). With "stop" it then stops (SIGSTOP), so that
 * somebody can look at it. All logins come from ADDRESS, or from 192.0.2.10.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <security/pam_appl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define MOST_INPUT (1024 * 1024)
#define FIELDS 4

enum { SERVICE, USER, PASSWORD, CODE };

struct answers {
	char *field[FIELDS];
	int given;
	struct timespec last;
};

/*
 * In a buffer of the size that many applications use. One that fits would be used again at once by the
 * module's own copy, which is wiped, so that an answer that was not would go unseen.
 */
static char *copied(const char *answer)
{
	size_t length = strlen(answer) + 1;
	char *copy = malloc(length > PAM_MAX_RESP_SIZE ? length : PAM_MAX_RESP_SIZE);

	return copy == NULL ? NULL : memcpy(copy, answer, length);
}

static int converse(int count, const struct pam_message **messages, struct pam_response **replies,
		    void *data)
{
	struct answers *answers = data;
	struct pam_response *array = calloc(count, sizeof *array);

	if (array == NULL)
		return PAM_BUF_ERR;
	for (int i = 0; i < count; i++) {
		int style = messages[i]->msg_style;

		if (style != PAM_PROMPT_ECHO_OFF && style != PAM_PROMPT_ECHO_ON)
			continue;
		if (answers->given > CODE - PASSWORD) {
			free(array);
			return PAM_CONV_ERR;
		}
		array[i].resp = copied(answers->field[PASSWORD + answers->given++]);
	}
	*replies = array;
	if (messages[count - 1]->msg_style == PAM_PROMPT_ECHO_OFF)
		clock_gettime(CLOCK_MONOTONIC, &answers->last);
	return PAM_SUCCESS;
}

static void no_delay(int code, unsigned microseconds, void *data)
{
	(void)code;
	(void)microseconds;
	(void)data;
}

static long microseconds_since(const struct timespec *then)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - then->tv_sec) * 1000000 + (now.tv_nsec - then->tv_nsec) / 1000;
}

static int log_in(const char *confdir, const char *address, struct answers *answers, long *waited)
{
	struct pam_conv conv = { converse, answers };
	pam_handle_t *pam = NULL;
	int result = pam_start_confdir(answers->field[SERVICE], answers->field[USER], &conv, confdir,
				       &pam);

	if (result != PAM_SUCCESS)
		return result;
	pam_set_item(pam, PAM_FAIL_DELAY, (const void *)no_delay);
	pam_set_item(pam, PAM_RHOST, address);
	result = pam_authenticate(pam, 0);
	*waited = microseconds_since(&answers->last);
	pam_end(pam, result);
	return result;
}

static int entries(const char *directory)
{
	DIR *dir = opendir(directory);
	int count = 0;

	if (dir == NULL)
		return -1;
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count;
}

static int lines(const char *path)
{
	FILE *file = fopen(path, "r");
	int letter, count = 0;

	if (file == NULL)
		return -1;
	while ((letter = getc(file)) != EOF)
		count += letter == '\n';
	fclose(file);
	return count;
}

static long resident(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	long size = 0, pages = 0;

	if (file != NULL) {
		if (fscanf(file, "%ld %ld", &size, &pages) != 2)
			pages = 0;
		fclose(file);
	}
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

int main(int argc, char **argv)
{
	/* Neither the heap nor a stream of stdio ever holds an answer. */
	char *input = mmap(NULL, MOST_INPUT, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int stops = argc > 2 && strcmp(argv[2], "stop") == 0;
	const char *address = argc > 2 && !stops ? argv[2] : "192.0.2.10";
	size_t length = 0;
	ssize_t got;

	if (argc < 2 || input == MAP_FAILED)
		return 2;
	while (length < MOST_INPUT - 1 && (got = read(0, input + length, MOST_INPUT - 1 - length)) > 0)
		length += got;
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	for (char *line = input, *next; *line != '\0'; line = next) {
		struct answers answers = { { NULL }, 0, { 0, 0 } };
		long waited = 0;
		char *end = line + strcspn(line, "\n");
		int result;

		next = *end == '\0' ? end : end + 1;
		*end = '\0';
		for (int i = 0; i < FIELDS; i++)
			answers.field[i] = strsep(&line, "\t");
		if (answers.field[CODE] == NULL)
			return 2;
		result = log_in(argv[1], address, &answers, &waited);
		/* Before anything else runs: a call would write over what was left on stack and heap. */
		explicit_bzero(answers.field[SERVICE], end - answers.field[SERVICE]);
		if (stops)
			raise(SIGSTOP);
		printf("%d %ld %d %d %d %ld\n", result, resident(), entries("/proc/self/fd"),
		       entries("/proc/self/task"), lines("/proc/self/maps"), waited);
	}
	return 0;
}
