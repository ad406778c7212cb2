// Check-ins as a short code; the same as planner/checkin_code.py.
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const PRIME = 32749, BASE = 1021, MOST_MINUTES = 2000;

function bitsOf(value, width) {
  return value.toString(2).padStart(width, "0");
}

function folded(value) {
  let rest = value >= 0 ? 2 * value : -2 * value - 1, groups = "";
  while (rest >= 16) {
    groups += "1" + bitsOf(rest % 16, 4);
    rest = Math.floor(rest / 16);
  }
  return groups + "0" + bitsOf(rest, 4);
}

function checkOf(signs) {
  const total = signs.reduce((sum, sign) => (sum * BASE + sign + 1) % PRIME, 0);
  return [Math.floor(total / 1024), Math.floor(total / 32) % 32, total % 32];
}

// plan: {day, team, mark, due: [minutes]}; at: minutes or null for each stop.
function codeOf(plan, at, people) {
  const head = [[1, 3], [plan.day, 13], [plan.team, 7], [plan.mark, 10],
    [Math.min(Math.max(people, 0), 31), 5]];
  let bits = head.map(([value, width]) => bitsOf(value, width)).join(""), delay = 0;
  plan.due.forEach((due, n) => {
    if (at[n] === null || Math.abs(at[n] - due) > MOST_MINUTES) {
      bits += "0";
    } else {
      bits += "1" + folded(at[n] - due - delay);
      delay = at[n] - due;
    }
  });
  bits += "0".repeat((5 - bits.length % 5) % 5);
  const signs = bits.match(/.{5}/g).map((five) => parseInt(five, 2));
  return [...signs, ...checkOf(signs)].map((sign) => ALPHABET[sign]).join("")
    .replace(/(.{4})(?=.)/g, "$1-");
}
