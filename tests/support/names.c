/*
 * The stand-in for a directory service (SSSD, winbind) as a source of names: preloaded into a
 * process under test, it answers getpwnam_r(3) and getpwuid_r(3) from the file that
 * KAPU_TEST_NAMES names. That file has the lines of passwd(5), and may have
 *
 *   #!fold         upper and lower case are one
 *   #!domain corp  "anna@corp" and "corp\anna" are asked for as "anna"
 *   #!alias anna   every account is asked for as "anna"
 *   #!error 5      every question ends in this error number
 *
 * An answer carries the name as the file writes it, however it was asked for. What the file does
 * not know is asked of the host, and so is everything where there is no file.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/types.h>

#define MAX_LINE 1024
#define FOLD "#!fold"
#define DOMAIN "#!domain "
#define ALIAS "#!alias "
#define ERROR "#!error "

typedef int by_name(const char *, struct passwd *, char *, size_t, struct passwd **);
typedef int by_uid(uid_t, struct passwd *, char *, size_t, struct passwd **);

/* Read at the start: sshd empties the environment of the process in which it runs PAM. */
static char *names_file;

__attribute__((constructor)) static void read_the_environment(void)
{
	if (getenv("KAPU_TEST_NAMES") != NULL)
		names_file = strdup(getenv("KAPU_TEST_NAMES"));
}

struct directory {
	int folds;
	int error;
	char domain[MAX_LINE];
	char alias[MAX_LINE];
};

static void read_directives(FILE *file, struct directory *directory)
{
	char line[MAX_LINE];

	memset(directory, 0, sizeof *directory);
	while (fgets(line, sizeof line, file) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strcmp(line, FOLD) == 0)
			directory->folds = 1;
		else if (strncmp(line, DOMAIN, strlen(DOMAIN)) == 0)
			strcpy(directory->domain, line + strlen(DOMAIN));
		else if (strncmp(line, ALIAS, strlen(ALIAS)) == 0)
			strcpy(directory->alias, line + strlen(ALIAS));
		else if (strncmp(line, ERROR, strlen(ERROR)) == 0)
			directory->error = atoi(line + strlen(ERROR));
	}
	rewind(file);
}

/* The part of a typed name that the file knows; its length goes to *length. */
static const char *within_domain(const struct directory *directory, const char *name,
				 size_t *length)
{
	size_t domain = strlen(directory->domain);

	*length = strlen(name);
	if (domain == 0 || *length <= domain + 1)
		return name;
	if (name[*length - domain - 1] == '@' &&
	    strcasecmp(name + *length - domain, directory->domain) == 0) {
		*length -= domain + 1;
	} else if (name[domain] == '\\' && strncasecmp(name, directory->domain, domain) == 0) {
		*length -= domain + 1;
		return name + domain + 1;
	}
	return name;
}

static int is_asked_for(const struct directory *directory, const char *known, const char *typed)
{
	size_t length;

	if (strcmp(known, typed) == 0 || strcmp(directory->alias, typed) == 0)
		return 1;
	typed = within_domain(directory, typed, &length);
	if (strlen(known) != length)
		return 0;
	return directory->folds ? strncasecmp(known, typed, length) == 0
				: strncmp(known, typed, length) == 0;
}

/* Looks in the file for a name, or without one for a uid: 0 or an error number. */
static int look_up(const char *name, uid_t uid, struct passwd *entry, char *buffer, size_t size,
		   struct passwd **found)
{
	struct directory directory;
	FILE *file = names_file != NULL ? fopen(names_file, "re") : NULL;
	int result;

	*found = NULL;
	if (file == NULL)
		return 0;
	read_directives(file, &directory);
	result = directory.error;
	while (result == 0 && (result = fgetpwent_r(file, entry, buffer, size, found)) == 0) {
		if (name != NULL ? is_asked_for(&directory, entry->pw_name, name)
				 : entry->pw_uid == uid)
			break;
	}
	fclose(file);
	if (result == 0)
		return 0;
	*found = NULL;
	/* The end of the file is no error, unless it was asked for as one. */
	if (result == ENOENT && directory.error == 0)
		return 0;
	errno = result;
	return result;
}

int getpwnam_r(const char *name, struct passwd *entry, char *buffer, size_t size,
	       struct passwd **found)
{
	int error = look_up(name, 0, entry, buffer, size, found);

	if (error != 0 || *found != NULL)
		return error;
	return ((by_name *)dlsym(RTLD_NEXT, "getpwnam_r"))(name, entry, buffer, size, found);
}

int getpwuid_r(uid_t uid, struct passwd *entry, char *buffer, size_t size, struct passwd **found)
{
	int error = look_up(NULL, uid, entry, buffer, size, found);

	if (error != 0 || *found != NULL)
		return error;
	return ((by_uid *)dlsym(RTLD_NEXT, "getpwuid_r"))(uid, entry, buffer, size, found);
}
