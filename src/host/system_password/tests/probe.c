/*
 * A PAM module for the tests of the nested check. It does what its arguments say, one after the
 * other, pays no heed to how the conversation answers, and says success all the same.
 */
#include <stdlib.h>
#include <string.h>
#include <security/pam_appl.h>
#include <security/pam_modules.h>

static void converse(pam_handle_t *pamh, int first, int second)
{
	const struct pam_message one = { first, "one" }, two = { second, "two" };
	const struct pam_message *messages[] = { &one, &two };
	struct pam_response *responses = NULL;
	const void *item = NULL;
	const struct pam_conv *conv;
	int count = second ? 2 : 1;

	if (pam_get_item(pamh, PAM_CONV, &item) != PAM_SUCCESS)
		return;
	conv = item;
	if (conv->conv(count, messages, &responses, conv->appdata_ptr) != PAM_SUCCESS)
		return;
	for (int i = 0; i < count; i++)
		free(responses[i].resp);
	free(responses);
}

int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	for (int i = 0; i < argc; i++) {
		if (!strcmp(argv[i], "hidden"))
			converse(pamh, PAM_PROMPT_ECHO_OFF, 0);
		else if (!strcmp(argv[i], "shown"))
			converse(pamh, PAM_PROMPT_ECHO_ON, 0);
		else if (!strcmp(argv[i], "two-at-once"))
			converse(pamh, PAM_PROMPT_ECHO_OFF, PAM_PROMPT_ECHO_OFF);
		else if (!strcmp(argv[i], "beside-a-text"))
			converse(pamh, PAM_TEXT_INFO, PAM_PROMPT_ECHO_OFF);
		else if (!strcmp(argv[i], "another-user"))
			pam_set_item(pamh, PAM_USER, "root");
		else if (!strcmp(argv[i], "no-null-passwords") && !(flags & PAM_DISALLOW_NULL_AUTHTOK))
			return PAM_AUTH_ERR;
	}
	return PAM_SUCCESS;
}

int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh, (void)flags, (void)argc, (void)argv;
	return PAM_SUCCESS;
}
