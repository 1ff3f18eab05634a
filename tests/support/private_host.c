/*
 * Preloaded into a private sshd and into pam-try: what they shall take for their host.
 *
 * KAPU_TEST_PAM    PAM service files are read from this directory instead of /etc/pam.d, by libpam
 *                  and by the module, which looks there for itself
 * KAPU_TEST_SHELL  every account has this shell: that of "nobody" runs no commands
 * KAPU_TEST_HOME   every account has this home
 * KAPU_TEST_WEAKNESS  the defence that is missing, where the weakened build asks (attack/weaken.sh)
 *
 * What is not set is not changed. All are read at the start: sshd empties the environment of the
 * process in which it runs PAM.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <security/pam_appl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>

static char *pam_directory;
static char *shell;
static char *home;
static char *weakness;

static char *kept(const char *name)
{
	const char *value = getenv(name);

	return value != NULL ? strdup(value) : NULL;
}

__attribute__((constructor)) static void read_the_environment(void)
{
	pam_directory = kept("KAPU_TEST_PAM");
	shell = kept("KAPU_TEST_SHELL");
	home = kept("KAPU_TEST_HOME");
	weakness = kept("KAPU_TEST_WEAKNESS");
}

/* Looked up by the weakened build. */
const char *kapu_test_weakness(void)
{
	return weakness;
}

/* Looked up when called: most programs that we are loaded into have no libpam. */
typedef int start_function(const char *, const char *, const struct pam_conv *, pam_handle_t **);
typedef int start_confdir_function(const char *, const char *, const struct pam_conv *,
				   const char *, pam_handle_t **);

int pam_start(const char *service, const char *user, const struct pam_conv *conversation,
	      pam_handle_t **handle)
{
	start_function *plain = (start_function *)dlsym(RTLD_NEXT, "pam_start");
	start_confdir_function *directed =
		(start_confdir_function *)dlsym(RTLD_NEXT, "pam_start_confdir");

	if (pam_directory == NULL)
		return plain != NULL ? plain(service, user, conversation, handle) : PAM_ABORT;
	if (directed == NULL)
		return PAM_ABORT;
	return directed(service, user, conversation, pam_directory, handle);
}

/* The file that stands for one of the system's service files. */
static const char *directed_path(const char *path, char *buffer, size_t size)
{
	static const char system_directory[] = "/etc/pam.d/";
	size_t length = sizeof(system_directory) - 1;

	if (pam_directory == NULL || path == NULL || strncmp(path, system_directory, length) != 0)
		return path;
	snprintf(buffer, size, "%s/%s", pam_directory, path + length);
	return buffer;
}

/* The two calls by which Rust looks at a file and opens it. */
int statx(int directory, const char *restrict path, int flags, unsigned int mask,
	  struct statx *restrict found)
{
	typedef int statx_function(int, const char *, int, unsigned int, struct statx *);
	statx_function *real = (statx_function *)dlsym(RTLD_NEXT, "statx");
	/* Rust probes the call with null pointers, which its declaration excludes. */
	const char *volatile probed = path;
	char buffer[PATH_MAX];

	return real(directory, directed_path(probed, buffer, sizeof(buffer)), flags, mask, found);
}

int open64(const char *path, int flags, ...)
{
	typedef int open_function(const char *, int, ...);
	open_function *real = (open_function *)dlsym(RTLD_NEXT, "open64");
	char buffer[PATH_MAX];
	va_list arguments;
	mode_t mode;

	va_start(arguments, flags);
	mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
	va_end(arguments);
	return real(directed_path(path, buffer, sizeof(buffer)), flags, mode);
}

static struct passwd *adapted(struct passwd *entry)
{
	if (entry != NULL && shell != NULL)
		entry->pw_shell = shell;
	if (entry != NULL && home != NULL)
		entry->pw_dir = home;
	return entry;
}

struct passwd *getpwnam(const char *name)
{
	struct passwd *(*real)(const char *) =
		(struct passwd * (*)(const char *)) dlsym(RTLD_NEXT, "getpwnam");

	return adapted(real(name));
}

struct passwd *getpwuid(uid_t uid)
{
	struct passwd *(*real)(uid_t) = (struct passwd * (*)(uid_t)) dlsym(RTLD_NEXT, "getpwuid");

	return adapted(real(uid));
}
