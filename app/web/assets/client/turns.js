/** Acts one after the other, however fast somebody taps: each begins where the one before has ended. */
export function turns() {
  let last = Promise.resolve();
  return (act) => {
    last = last.then(act, act);
    return last;
  };
}
