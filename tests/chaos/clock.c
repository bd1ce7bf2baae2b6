/* Moves the wall clock of the process into which it is preloaded: CLOCK_FILE names a file that holds the seconds to add, as a 64-bit
   number. The monotonic clock is left alone, as it is when a machine's clock is set. A wait until a time of the moved clock is handed to
   the system as the time of its own that is meant. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *seconds;

__attribute__((constructor)) static void open_file(void) {
  const char *path = getenv("CLOCK_FILE");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  void *at = file < 0 ? MAP_FAILED : mmap(NULL, sizeof *seconds, PROT_READ, MAP_SHARED, file, 0);
  if (at == MAP_FAILED) abort();
  seconds = at;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  int result = (int)syscall(SYS_clock_gettime, clock, now);
  if (result == 0 && seconds && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += *seconds;
  return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  (void)zone;
  struct timespec moved;
  int result = clock_gettime(CLOCK_REALTIME, &moved);
  now->tv_sec = moved.tv_sec;
  now->tv_usec = moved.tv_nsec / 1000;
  return result;
}

time_t time(time_t *at) {
  struct timespec now = {0};
  clock_gettime(CLOCK_REALTIME, &now);
  if (at) *at = now.tv_sec;
  return now.tv_sec;
}

static struct timespec meant(const struct timespec *until) {
  struct timespec right = *until;
  if (seconds) right.tv_sec -= *seconds;
  return right;
}

/* librdkafka's, where the system has C11's threads ... */
int cnd_timedwait(cnd_t *restrict cond, mtx_t *restrict mutex, const struct timespec *restrict until) {
  typedef int wait(cnd_t *, mtx_t *, const struct timespec *);
  wait *system = (wait *)dlsym(RTLD_NEXT, "cnd_timedwait");
  struct timespec right = meant(until);
  return system(cond, mutex, &right);
}

/* ... and where it has not. */
int pthread_cond_timedwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex, const struct timespec *restrict until) {
  struct timespec right = meant(until);
  return pthread_cond_clockwait(cond, mutex, CLOCK_REALTIME, &right);
}
