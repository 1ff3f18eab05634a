/*
 * The stand-in for a syslog daemon: preloaded into a process under test, it appends each line that
 * the process would log to the file named by KAPU_TEST_LOG, as "<priority> text".
 *
 * Two ways lead to the log: the C library's syslog family (libpam, and so the module), and a
 * datagram socket connected to /dev/log (the programs). Without KAPU_TEST_LOG nothing is logged
 * by the first way, and the second is left alone.
 *
 * A datagram for the journal goes to the socket named by KAPU_TEST_JOURNAL in place of the
 * system's, by one system call like any other. Without it there is no journal.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>
#include <unistd.h>

/* Longer lines are cut; the module's own bound is far below. */
#define MAX_LINE 8192

static int (*real_connect)(int, const struct sockaddr *, socklen_t);
static ssize_t (*real_send)(int, const void *, size_t, int);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_sendto)(int, const void *, size_t, int, const struct sockaddr *, socklen_t);
static int (*real_close)(int);

/* Read at the start: sshd empties the environment of the process in which it runs PAM. */
static char *log_file;
static char *journal;
/* The one descriptor that is connected to the log, or -1. */
static int log_socket = -1;

/* Looked up early: later the process may be in a sandbox that forbids it. */
__attribute__((constructor)) static void find_the_real_ones(void)
{
	if (real_close != NULL)
		return;
	real_connect = (int (*)(int, const struct sockaddr *, socklen_t))dlsym(RTLD_NEXT, "connect");
	real_send = (ssize_t (*)(int, const void *, size_t, int))dlsym(RTLD_NEXT, "send");
	real_write = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
	real_sendto = (ssize_t (*)(int, const void *, size_t, int, const struct sockaddr *,
				   socklen_t))dlsym(RTLD_NEXT, "sendto");
	real_close = (int (*)(int))dlsym(RTLD_NEXT, "close");
	if (getenv("KAPU_TEST_LOG") != NULL)
		log_file = strdup(getenv("KAPU_TEST_LOG"));
	if (getenv("KAPU_TEST_JOURNAL") != NULL)
		journal = strdup(getenv("KAPU_TEST_JOURNAL"));
}

/* Another preloaded library may call in before our constructor ran. */
static void be_ready(void)
{
	if (real_close == NULL)
		find_the_real_ones();
}

/* One write for one line: several processes may share the file. */
static void append(const char *text, size_t length)
{
	char line[MAX_LINE + 1];
	int saved = errno;
	int file;

	if (log_file == NULL)
		return;
	if (length > MAX_LINE)
		length = MAX_LINE;
	while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\0'))
		length--;
	memcpy(line, text, length);
	line[length] = '\n';
	file = open(log_file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	if (file >= 0) {
		ssize_t ignored = real_write(file, line, length + 1);
		(void)ignored;
		real_close(file);
	}
	errno = saved;
}

static void log_formatted(int priority, const char *format, va_list arguments)
{
	char text[MAX_LINE];
	int saved = errno;
	int head = snprintf(text, sizeof text, "<%d> ", priority);
	int body;

	errno = saved; /* for %m */
	body = vsnprintf(text + head, sizeof text - (size_t)head, format, arguments);
	if (body >= 0)
		append(text, strlen(text));
	errno = saved;
}

void vsyslog(int priority, const char *format, va_list arguments)
{
	be_ready();
	log_formatted(priority, format, arguments);
}

void __vsyslog_chk(int priority, int flag, const char *format, va_list arguments)
{
	(void)flag;
	vsyslog(priority, format, arguments);
}

void syslog(int priority, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsyslog(priority, format, arguments);
	va_end(arguments);
}

void __syslog_chk(int priority, int flag, const char *format, ...)
{
	va_list arguments;

	(void)flag;
	va_start(arguments, format);
	vsyslog(priority, format, arguments);
	va_end(arguments);
}

static int is_socket_at(const char *path, const struct sockaddr *address, socklen_t length)
{
	const struct sockaddr_un *local = (const struct sockaddr_un *)address;
	size_t room;

	if (address == NULL || length <= offsetof(struct sockaddr_un, sun_path) ||
	    address->sa_family != AF_UNIX)
		return 0;
	room = length - offsetof(struct sockaddr_un, sun_path);
	return strncmp(local->sun_path, path, room) == 0;
}

int connect(int descriptor, const struct sockaddr *address, socklen_t length)
{
	be_ready();
	if (log_file != NULL && is_socket_at("/dev/log", address, length)) {
		log_socket = descriptor;
		return 0;
	}
	return real_connect(descriptor, address, length);
}

ssize_t send(int descriptor, const void *bytes, size_t length, int flags)
{
	be_ready();
	if (descriptor == log_socket && descriptor >= 0) {
		append(bytes, length);
		return (ssize_t)length;
	}
	return real_send(descriptor, bytes, length, flags);
}

ssize_t sendto(int descriptor, const void *bytes, size_t length, int flags,
	       const struct sockaddr *address, socklen_t address_length)
{
	struct sockaddr_un ours = { .sun_family = AF_UNIX };

	be_ready();
	if (!is_socket_at("/run/systemd/journal/socket", address, address_length))
		return real_sendto(descriptor, bytes, length, flags, address, address_length);
	if (journal == NULL || strlen(journal) >= sizeof ours.sun_path) {
		errno = ENOENT;
		return -1;
	}
	strcpy(ours.sun_path, journal);
	return real_sendto(descriptor, bytes, length, flags, (struct sockaddr *)&ours, sizeof ours);
}

ssize_t write(int descriptor, const void *bytes, size_t length)
{
	be_ready();
	if (descriptor == log_socket && descriptor >= 0) {
		append(bytes, length);
		return (ssize_t)length;
	}
	return real_write(descriptor, bytes, length);
}

int close(int descriptor)
{
	be_ready();
	if (descriptor == log_socket)
		log_socket = -1;
	return real_close(descriptor);
}
