/* Loaded before a test's process (LD_PRELOAD): counts what is done to files below one folder, and at the
   n-th such call kills the process, writes half and kills it, or says that the disk is full.
   It sees SQLite's calls as well as Python's, because both go through the C library. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum { COUNT = 0, KILL = 1, TORN = 2, FULL = 3, FULL_FROM = 4 };

static char folder[4096];
static int mode = -1, log_to = -1;
static long at, seen;

void faults_arm(const char *path, int how, long number, int log_descriptor) {
    strncpy(folder, path, sizeof folder - 1);
    mode = how; at = number; seen = 0; log_to = log_descriptor;
}
long faults_disarm(void) { mode = -1; return seen; }

static int below(const char *path) { size_t n = strlen(folder); return mode >= 0 && n && !strncmp(path, folder, n); }

static int descriptor_below(int descriptor, char *path) {
    char link[64];
    if (mode < 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t n = readlink(link, path, 4095);
    if (n < 0) return 0;
    path[n] = 0;
    return below(path);
}

/* 0: go on; 1: fail with ENOSPC; 2: write half, then die. */
static int event(const char *what, const char *path, int fills) {
    seen++;
    if (log_to >= 0) dprintf(log_to, "%s\t%s\n", what, path);
    if (mode == FULL_FROM && seen >= at && fills) { errno = ENOSPC; return 1; }
    if (seen != at) return 0;
    if (mode == KILL) kill(getpid(), SIGKILL);
    if (mode == TORN) { if (fills == 2) return 2; kill(getpid(), SIGKILL); }
    if (mode == FULL && fills) { errno = ENOSPC; return 1; }
    return 0;
}

#define REAL(name, ...) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))(__VA_ARGS__)
#define DIE kill(getpid(), SIGKILL)

ssize_t write(int d, const void *b, size_t n) {
    char p[4096];
    if (d != log_to && descriptor_below(d, p)) switch (event("write", p, 2)) {
        case 1: return -1;
        case 2: REAL(write, d, b, n / 2); DIE;
    }
    return REAL(write, d, b, n);
}
ssize_t pwrite64(int d, const void *b, size_t n, off64_t o) {
    char p[4096];
    if (descriptor_below(d, p)) switch (event("write", p, 2)) {
        case 1: return -1;
        case 2: REAL(pwrite64, d, b, n / 2, o); DIE;
    }
    return REAL(pwrite64, d, b, n, o);
}
size_t fwrite(const void *b, size_t s, size_t n, FILE *f) {
    char p[4096];
    if (descriptor_below(fileno(f), p)) switch (event("write", p, 2)) {
        case 1: return 0;
        case 2: REAL(fwrite, b, s, n / 2, f); fflush(f); DIE;
    }
    return REAL(fwrite, b, s, n, f);
}
int fsync(int d) { char p[4096]; if (descriptor_below(d, p) && event("fsync", p, 0)) return -1; return REAL(fsync, d); }
int fdatasync(int d) { char p[4096]; if (descriptor_below(d, p) && event("fsync", p, 0)) return -1; return REAL(fdatasync, d); }
int ftruncate64(int d, off64_t n) { char p[4096]; if (descriptor_below(d, p) && event("truncate", p, 0)) return -1; return REAL(ftruncate64, d, n); }
int rename(const char *a, const char *b) { if (below(b) && event("rename", b, 0)) return -1; return REAL(rename, a, b); }
int unlink(const char *a) { if (below(a) && event("unlink", a, 0)) return -1; return REAL(unlink, a); }
int mkdir(const char *a, mode_t m) { if (below(a) && event("mkdir", a, 1)) return -1; return REAL(mkdir, a, m); }
int unlinkat(int d, const char *a, int flags) {
    char p[4096];
    if (descriptor_below(d, p) && event("unlink", p, 0)) return -1;
    return REAL(unlinkat, d, a, flags);
}
int open64(const char *a, int flags, ...) {
    va_list rest; va_start(rest, flags); mode_t m = va_arg(rest, mode_t); va_end(rest);
    if ((flags & O_CREAT) && below(a) && event("create", a, 1)) return -1;
    return REAL(open64, a, flags, m);
}
int open(const char *a, int flags, ...) {
    va_list rest; va_start(rest, flags); mode_t m = va_arg(rest, mode_t); va_end(rest);
    if ((flags & O_CREAT) && below(a) && event("create", a, 1)) return -1;
    return REAL(open, a, flags, m);
}
