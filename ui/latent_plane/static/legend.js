// The classes under a plane: a button each that hides its points and shows them again.

export function legend(root, classes, label, hidden, toggle) {
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", label);
  root.title = label;
  root.replaceChildren(
    ...classes.map(({ name, colour }, index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.style.setProperty("--class-colour", colour);
      button.textContent = name;
      button.setAttribute("aria-pressed", String(!hidden.has(index)));
      button.onclick = () => {
        toggle(index);
        button.setAttribute("aria-pressed", String(!hidden.has(index)));
      };
      return button;
    }),
  );
}
