/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "async.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

operation started(uint32_t waitable, guest_waitable_status_t status) {
  return (operation){.waitable = waitable, .over = status != GUEST_WAITABLE_STATUS_BLOCKED, .code = status};
}

operation called(guest_subtask_status_t status) {
  guest_subtask_state_t state = GUEST_SUBTASK_STATE(status);
  return (operation){.waitable = GUEST_SUBTASK_HANDLE(status),
                     .is_call = true,
                     .over = state == GUEST_SUBTASK_RETURNED,
                     .code = state};
}

static void note(operation *self, const guest_event_t *event) {
  self->code = event->code;
  self->over = !self->is_call || event->code >= GUEST_SUBTASK_RETURNED;
  if (self->is_call && self->over) guest_subtask_drop(self->waitable);
}

void await_any(operation *const *several, size_t count) {
  guest_waitable_set_t set = guest_waitable_set_new();
  operation *found = NULL;
  for (size_t i = 0; i < count; i++)
    if (!several[i]->over) guest_waitable_join(several[i]->waitable, set);
  while (found == NULL || !found->over) {
    guest_event_t event;
    guest_waitable_set_wait(set, &event);
    for (size_t i = 0; i < count; i++)
      if (!several[i]->over && several[i]->waitable == event.waitable) found = several[i];
    check(found != NULL, "an event of what is waited for");
    if (found->is_call && event.code >= GUEST_SUBTASK_RETURNED) guest_waitable_join(found->waitable, 0);
    note(found, &event);
  }
  for (size_t i = 0; i < count; i++)
    if (!several[i]->over || (several[i] == found && !found->is_call)) guest_waitable_join(several[i]->waitable, 0);
  guest_waitable_set_drop(set);
}

uint32_t await(operation *one) {
  if (!one->over) await_any(&one, 1);
  return one->code;
}

bool await_any_for(operation *const *several, size_t count, uint32_t milliseconds) {
  enum { MOST = 8 };
  operation *with_timer[MOST + 1];
  check(count <= MOST, "few enough to wait for");
  operation timer = called(wasi_clocks_monotonic_clock_wait_for((uint64_t)milliseconds * 1000000));
  memcpy(with_timer, several, count * sizeof(*several));
  with_timer[count] = &timer;
  await_any(with_timer, count + 1);
  if (timer.over) return false;
  guest_waitable_join(timer.waitable, 0);
  guest_subtask_cancel(timer.waitable);
  guest_subtask_drop(timer.waitable);
  return true;
}

bool moved(uint32_t code, size_t count) {
  return GUEST_WAITABLE_STATE(code) == GUEST_WAITABLE_COMPLETED && GUEST_WAITABLE_COUNT(code) == count;
}

bool ended(uint32_t code) {
  return GUEST_WAITABLE_STATE(code) == GUEST_WAITABLE_DROPPED;
}

static char *terminated(guest_string_t string) {
  char *copy = calloc(string.len + 1, 1);
  check(copy != NULL, "arguments");
  return memcpy(copy, string.ptr, string.len);
}

bool exports_wasi_cli_run_run(void) {
  guest_list_string_t arguments;
  wasi_cli_environment_get_arguments(&arguments);
  char **argv = calloc(arguments.len + 1, sizeof(*argv));
  check(argv != NULL, "arguments");
  for (size_t i = 0; i < arguments.len; i++) argv[i] = terminated(arguments.ptr[i]);
  bool good = run((int)arguments.len, argv);
  fflush(stdout);
  return good;
}
