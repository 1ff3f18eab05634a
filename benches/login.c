/*
 * login: one PAM transaction from pam_start(3) to pam_end(3), without the delay after a refusal.
 *
 *   login PAM_DIRECTORY SERVICE USER ANSWER...   prints pam_authenticate's result, the nanoseconds
 *                                                and by how many KiB the peak of memory grew
 *   login --load MODULE                          prints the nanoseconds of dlopen(3)
 *
 * A call of getppid(2), which nothing else here makes, marks where the transaction begins and
 * ends, for strace(1).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static char **answers;

static int converse(int count, const struct pam_message **messages, struct pam_response **replies,
		    void *data)
{
	(void)data;
	*replies = calloc((size_t)count, sizeof(**replies));
	if (*replies == NULL)
		return PAM_BUF_ERR;
	for (int i = 0; i < count; i++) {
		int style = messages[i]->msg_style;

		if (style != PAM_PROMPT_ECHO_OFF && style != PAM_PROMPT_ECHO_ON)
			continue;
		if (*answers == NULL)
			return PAM_CONV_ERR;
		(*replies)[i].resp = strdup(*answers++);
	}
	return PAM_SUCCESS;
}

static void do_not_wait(int result, unsigned int microseconds, void *data)
{
	(void)result;
	(void)microseconds;
	(void)data;
}

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static long peak(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

static int load(const char *module)
{
	long long begin = now();

	if (dlopen(module, RTLD_NOW) == NULL) {
		fprintf(stderr, "%s\n", dlerror());
		return 1;
	}
	printf("%lld\n", now() - begin);
	return 0;
}

int main(int count, char **arguments)
{
	struct pam_conv conversation = { converse, NULL };
	pam_handle_t *handle;
	long long begin;
	long before;
	int result;

	if (count == 3 && strcmp(arguments[1], "--load") == 0)
		return load(arguments[2]);
	if (count < 4)
		return 2;
	answers = arguments + 4;
	before = peak();
	begin = now();
	syscall(SYS_getppid);
	result = pam_start_confdir(arguments[2], arguments[3], &conversation, arguments[1], &handle);
	if (result != PAM_SUCCESS)
		return 1;
	pam_set_item(handle, PAM_RHOST, "192.0.2.10");
	pam_set_item(handle, PAM_FAIL_DELAY, (const void *)do_not_wait);
	result = pam_authenticate(handle, 0);
	pam_end(handle, result);
	syscall(SYS_getppid);
	printf("%d %lld %ld\n", result, now() - begin, peak() - before);
	return 0;
}
