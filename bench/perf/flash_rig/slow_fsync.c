/*
 * A disk with slower syncs, for a server started with this library in LD_PRELOAD: every fsync and
 * fdatasync takes EXTRA_SYNC_US microseconds more. The cloud's disks need about a millisecond for
 * what the cache of a virtual machine's host acknowledges in a tenth of it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

typedef int (*sync_call)(int);

static struct timespec extra;

__attribute__((constructor)) static void read_extra(void)
{
    const char *text = getenv("EXTRA_SYNC_US");
    long us = text == NULL ? 0 : strtol(text, NULL, 10);

    extra.tv_sec = us / 1000000;
    extra.tv_nsec = us % 1000000 * 1000;
}

static int then_wait(int result)
{
    int reason = errno;
    struct timespec left = extra;

    while (nanosleep(&left, &left) == -1 && errno == EINTR)
        ;
    errno = reason;
    return result;
}

int fsync(int file)
{
    return then_wait(((sync_call)dlsym(RTLD_NEXT, "fsync"))(file));
}

int fdatasync(int file)
{
    return then_wait(((sync_call)dlsym(RTLD_NEXT, "fdatasync"))(file));
}
